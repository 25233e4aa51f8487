"""How eager_ops is tested."""

SMALL = {"layers": 20}
GROWTH = ({"layers": 16}, {"layers": 128})
WRONG = [
    "tf.nn.bias_add = lambda x, b: x",
    # The matrices are multiplied from the wrong side.
    "m = tf.linalg.matmul; tf.linalg.matmul = lambda a, b: m(b, a)",
    # The bias comes after the signs.
    "tf.nn.bias_add = lambda x, b: (x, b); tf.multiply = lambda x, s: x[0] * s + x[1]",
    # The first layer does nothing.
    "m = tf.linalg.matmul; seen = []; tf.linalg.matmul = lambda a, b: m(a, b) if seen else seen.append(a) or a",
]
FORMS = [{**SMALL, "execution": "graph"}, {"layers": 1024, "execution": "graph"}]
