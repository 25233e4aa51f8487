# conv on epyc-2c-0abba0: the defaults; not known: no other setting differs from the defaults in anything that is read
import os

# Before TensorFlow is imported.
os.environ.update({'TF_ENABLE_ONEDNN_OPTS': '1'})

import tensorflow as tf
