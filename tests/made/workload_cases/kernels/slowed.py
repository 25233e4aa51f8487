"""How slowed is tested."""

SMALL = {"n": 32, "products": 16}
GROWTH = ({"products": 50, "n": 128}, {"products": 50, "n": 256})
WRONG = [
    # The matrices are multiplied from the wrong side.
    "m = tf.linalg.matmul; tf.linalg.matmul = lambda a, b: m(b, a)",
    # The last term of each sum is left out.
    "m = tf.linalg.matmul; tf.linalg.matmul = lambda a, b: m(a[:, :-1], b[:-1])",
    # Products are left out, as if the extra ones were not done.
    "m = tf.linalg.matmul; n = [0]; tf.linalg.matmul = lambda a, b: (n.append(0), a if len(n) == 5 else m(a, b))[1]",
]
FORMS = [{**SMALL, "extra": 3}, {**SMALL, "products": 100, "extra": 3}]
