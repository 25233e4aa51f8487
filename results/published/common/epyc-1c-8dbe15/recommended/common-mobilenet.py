# mobilenet on epyc-1c-8dbe15: the defaults; no other setting is faster on average
import tensorflow as tf
