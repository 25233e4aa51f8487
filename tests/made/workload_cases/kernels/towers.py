"""How towers is tested."""

SMALL = {"towers": 3, "layers": 2, "batch": 16, "units": 24}
GROWTH = ({"towers": 1}, {"towers": 8})
WRONG = [
    # The forward pass is right, and half the gradient is lost in each layer.
    "t = tf.tanh; tf.tanh = lambda x: t((x + tf.stop_gradient(x)) / 2)",
    # One tower's gradients stand in for another's.
    "g = tf.GradientTape.gradient; tf.GradientTape.gradient = lambda *a: [part[::-1] for part in g(*a)]",
    "tf.tanh = tf.nn.softsign",
]
FORMS = [{**SMALL, "shape": "deep"}, {**SMALL, "shape": "deep", "towers": 32, "layers": 8}]
