# transformer on xeon-2c-b3dc22: the defaults; the best of the others, intra_op=2 inter_op=1, comes to 1.05× (95 % interval 0.893 to 1.24) on rounds that did not choose it
import tensorflow as tf
