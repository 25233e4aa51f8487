"""How chain is tested."""

SMALL = {"n": 32, "length": 16}
GROWTH = ({"length": 8, "n": 128}, {"length": 64, "n": 128})
WRONG = [
    # One product's result stands in for another's.
    "s = tf.stack; tf.stack = lambda rows: s([rows[1], *rows[1:]])",
    # The matrices are multiplied from the wrong side.
    "m = tf.linalg.matmul; tf.linalg.matmul = lambda a, b: m(b, a)",
    # The last term of each sum is left out.
    "m = tf.linalg.matmul; tf.linalg.matmul = lambda a, b: m(a[:, :-1], b[:-1])",
]
FORMS = [{**SMALL, "shape": "wide"}, {**SMALL, "length": 128}]
