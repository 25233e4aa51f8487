"""How batched_matmul is tested."""

SMALL = {"batch": 2, "heads": 3, "length": 20, "depth": 16}
GROWTH = ({"batch": 1}, {"batch": 8})
WRONG = [
    # The weights of a key, not of a query, add up to one.
    "s = tf.nn.softmax; tf.nn.softmax = lambda x: s(x, axis=-2)",
    # The last key is never looked at.
    "s = tf.nn.softmax; tf.nn.softmax = lambda x: tf.pad(s(x[..., :-1]), [[0, 0], [0, 0], [0, 1]])",
    # One head's result stands in for another's.
    "m = tf.linalg.matmul; tf.linalg.matmul = lambda a, b, **how: tf.roll(m(a, b, **how), 1, 0)",
    # The last number of each query is left out of the scores.
    "m = tf.linalg.matmul; "
    "tf.linalg.matmul = lambda a, b, **how: m(a[..., :-1], b[..., :-1], **how) if how else m(a, b)",
]
FORMS = [{**SMALL, "precision": p, "jit_compile": j} for p in ("float32", "bfloat16") for j in (False, True)]
