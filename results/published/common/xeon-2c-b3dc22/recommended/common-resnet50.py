# resnet50 on xeon-2c-b3dc22: the defaults; the best of the others, intra_op=2 inter_op=1, comes to 1.07× (95 % interval 0.749 to 1.54) on rounds that did not choose it
import tensorflow as tf
