# matmul on xeon-2c-b3dc22: the defaults; the best of the others, intra_op=2 inter_op=1, comes to 0.996× (95 % interval 0.925 to 1.07) on rounds that did not choose it
import tensorflow as tf
