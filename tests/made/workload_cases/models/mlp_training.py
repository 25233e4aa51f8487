"""How mlp_training is tested."""

SMALL = {"features": 20, "hidden": 32, "examples": 500}
GROWTH = ({"examples": 512}, {"examples": 4096})
WRONG = [
    # The forward pass is right, and half the gradient is lost below the last layer.
    "r = tf.nn.relu; tf.nn.relu = lambda x: r((x + tf.stop_gradient(x)) / 2)",
    # Steps in the wrong direction.
    "g = tf.GradientTape.gradient; tf.GradientTape.gradient = lambda *a: [-slope for slope in g(*a)]",
    "tf.nn.relu = tf.nn.elu",
]
FORMS = [{**SMALL, "form": "guide"}, {**SMALL, "form": "guide", "batch": 50}]
