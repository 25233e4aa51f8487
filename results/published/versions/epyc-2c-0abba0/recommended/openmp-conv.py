# conv on epyc-2c-0abba0: the defaults; no other setting is faster on average
import os

# Before TensorFlow is imported.
os.environ.update({'TF_ENABLE_ONEDNN_OPTS': '1'})

import tensorflow as tf
