# resnet50 on epyc-2c-0abba0: the defaults; the best of the others, intra_op=2 inter_op=1, comes to 1.01× (95 % interval 0.958 to 1.06) on rounds that did not choose it
import tensorflow as tf
