# resnet50 on epyc-1c-8dbe15: the defaults; the best of the others, TF_ENABLE_ONEDNN_OPTS=0, comes to 1.03× (95 % interval 0.986 to 1.07) on rounds that did not choose it
import tensorflow as tf
