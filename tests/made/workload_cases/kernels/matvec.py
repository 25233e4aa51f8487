"""How matvec is tested."""

SMALL = {"n": 200}
GROWTH = ({"n": 2000}, {"n": 5657})  # below, what a call costs anyway is most of its time
WRONG = [
    # The last term of each sum is left out.
    "m = tf.linalg.matmul; tf.linalg.matmul = lambda a, b: m(a[:, :-1], b[:-1])",
    "m = tf.linalg.matmul; tf.linalg.matmul = lambda a, b: m(a, b, transpose_b=True)",
    # One part of a division of the columns among threads is not computed.
    "m = tf.linalg.matmul; tf.linalg.matmul = lambda a, b: tf.concat([m(a, b[:, :-10]), tf.zeros((1, 10))], 1)",
]
