# transformer on epyc-2c-0abba0: the defaults; no other setting is faster on average
import tensorflow as tf
