"""How conv is tested."""

SMALL = {"size": 9, "channels": 8, "batch": 3}
GROWTH = ({"batch": 2}, {"batch": 16})
WRONG = [
    "tf.nn.relu = lambda x: x",
    # The kernel's rows are upside down.
    "c = tf.nn.conv2d; tf.nn.conv2d = lambda x, k, **how: c(x, k[::-1], **how)",
]
FORMS = [{**SMALL, "precision": p, "jit_compile": j} for p in ("float32", "bfloat16") for j in (False, True)]
