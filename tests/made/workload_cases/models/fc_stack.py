"""How fc_stack is tested."""

SMALL = {"batch": 24, "width": 32, "layers": 3, "inputs": 20, "outputs": 7}
GROWTH = ({"batch": 64, "width": 256}, {"batch": 512, "width": 256})
WRONG = [
    "tf.nn.relu = lambda x: x",
    # The last layer alone is left out.
    "m = tf.linalg.matmul; tf.linalg.matmul = lambda a, b: m(a, b) if b.shape[1] != 7 else m(a, b) * 0",
    "m = tf.linalg.matmul; tf.linalg.matmul = lambda a, b: m(a[:, :-1], b[:-1])",
]
FORMS = [{**SMALL, "precision": p, "jit_compile": j} for p in ("float32", "bfloat16") for j in (False, True)]
