"""How user_model is tested without a model of the user: by the suite's own example."""

SMALL = {"batch": 8}
GROWTH = ({"batch": 256}, {"batch": 2048})
WRONG = [
    # The timed graph has another activation than the eager run.
    "r = tf.nn.relu; tf.nn.relu = lambda x: r(x) if tf.executing_eagerly() else tf.nn.gelu(x)",
    # Weights change from call to call.
    "m = tf.linalg.matmul; tf.linalg.matmul = lambda x, w: m(x, w.assign(w * 1.1))",
    # Every call gives what is not finite.
    "tf.nn.relu = lambda x: x / 0.0",
]
FORMS = [{"batch": 1}, {"batch": 8, "jit_compile": True}, {"batch": 8, "check": "finite"}]
