"""How embedding_lookup is tested."""

SMALL = {"rows": 1000, "bags": 100, "lookups": 8}
GROWTH = ({"rows": 100_000, "bags": 512}, {"rows": 100_000, "bags": 4096})
WRONG = [
    # The last row of each sum is left out.
    "g = tf.gather; tf.gather = lambda table, rows: g(table, rows[:, :-1])",
    # Rows are counted from one.
    "g = tf.gather; tf.gather = lambda table, rows: g(table, tf.maximum(rows - 1, 0))",
    # The sums of one part of the bags are not computed.
    "r = tf.reduce_sum; tf.reduce_sum = lambda x, axis: tf.concat([r(x[:90], axis=axis), tf.zeros((10, 32))], 0)",
]
