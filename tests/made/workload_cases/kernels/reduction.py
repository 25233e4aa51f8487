"""How reduction is tested."""

SMALL = {"rows": 300, "columns": 200}
GROWTH = ({"rows": 512, "columns": 2048}, {"rows": 4096, "columns": 2048})
WRONG = [
    # The last term of each mean is left out.
    "r = tf.reduce_mean; tf.reduce_mean = lambda x, axis: r(x[:, :-1], axis=axis)",
    # The means of columns instead of rows.
    "r = tf.reduce_mean; tf.reduce_mean = lambda x, axis: r(x, axis=1 - axis)",
    # Threads that share the rows put their results in the wrong places.
    "r = tf.reduce_mean; tf.reduce_mean = lambda x, axis: tf.roll(r(x, axis=axis), 1, 0)",
]
FORMS = [{**SMALL, "each": "column"}]
