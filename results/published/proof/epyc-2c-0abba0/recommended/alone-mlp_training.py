# mlp_training on epyc-2c-0abba0: the defaults; the best of the others, intra_op=1 inter_op=1, comes to 1.01× (95 % interval 0.971 to 1.05) on rounds that did not choose it
import os

# Before TensorFlow is imported.
os.environ.update({'TF_ENABLE_ONEDNN_OPTS': '1'})

import tensorflow as tf
