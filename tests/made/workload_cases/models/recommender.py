"""How recommender is tested."""

SMALL = {"batch": 20, "tables": 3, "rows": 50, "width": 8, "lookups": 2}
GROWTH = ({"batch": 256, "rows": 10_000}, {"batch": 2048, "rows": 10_000})
WRONG = [
    # All lookups are one row too low.
    "t = tf.keras.layers.Embedding.call; tf.keras.layers.Embedding.call = lambda self, rows: t(self, abs(rows - 1))",
    # The mean of the rows instead of their sum.
    "tf.keras.ops.sum = tf.keras.ops.mean",
    # The order of the vectors is turned round, so that products stand in each other's place.
    "s = tf.keras.ops.stack; tf.keras.ops.stack = lambda x, axis: s(x[::-1], axis)",
]
FORMS = [
    {**SMALL, "precision": "mixed"},
    {**SMALL, "jit_compile": True},
    {**SMALL, "precision": "mixed", "jit_compile": True},
    {**SMALL, "batch": 1},
]
