# resnet50 on xeon-2c-b3dc22: 1.34× over the defaults; faster than the defaults on rounds that did not choose it
import os

# Before TensorFlow is imported.
os.environ.update({'TF_ENABLE_ONEDNN_OPTS': '1'})

import tensorflow as tf
