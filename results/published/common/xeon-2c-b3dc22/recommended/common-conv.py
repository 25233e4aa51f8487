# conv on xeon-2c-b3dc22: the defaults; no other setting is faster on average
import tensorflow as tf
