"""How cnn_training is tested."""

SMALL = {"batch": 8, "steps": 2, "size": 8, "channels": 4}
GROWTH = ({"steps": 1}, {"steps": 8})
WRONG = [
    # The forward pass is right, and half the gradient is lost below each pooling.
    "p = tf.nn.avg_pool; tf.nn.avg_pool = lambda x, *a, **how: p((x + tf.stop_gradient(x)) / 2, *a, **how)",
    # Steps in the wrong direction.
    "g = tf.GradientTape.gradient; tf.GradientTape.gradient = lambda *a: [-slope for slope in g(*a)]",
    # The sum of the examples' losses stands for their mean: of a batch of 8 that is 8 times as much.
    "total = tf.reduce_sum; tf.reduce_sum = lambda *a, **how: 8 * total(*a, **how)",
    "tf.nn.relu = tf.nn.elu",
]
FORMS = [
    {**SMALL, "precision": "mixed"},
    {**SMALL, "jit_compile": True},
    {**SMALL, "precision": "mixed", "jit_compile": True},
    {**SMALL, "batch": 32, "size": 32, "channels": 16, "precision": "mixed"},
]
