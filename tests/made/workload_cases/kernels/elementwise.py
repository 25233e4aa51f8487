"""How elementwise is tested."""

SMALL = {"elements": 10_000}
GROWTH = ({"elements": 1 << 18}, {"elements": 1 << 21})
WRONG = [
    # One part of a division of the elements among threads is not multiplied.
    "m = tf.multiply; tf.multiply = lambda x, c: tf.concat([m(x[:-500], c), tf.zeros(500)], 0)",
    # The factors are lost.
    "tf.multiply = lambda x, c: x",
    "tf.subtract = lambda y, x: x - y",
]
FORMS = [
    {**SMALL, "precision": p, "jit_compile": j, "steps": n}
    for p, j, n in [
        ("float32", False, 64),
        ("float32", True, 4),
        ("bfloat16", False, 4),
        ("bfloat16", False, 64),
        ("bfloat16", True, 4),
    ]
]
