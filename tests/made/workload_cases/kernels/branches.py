"""How branches is tested."""

SMALL = {"n": 32}
GROWTH = ({"k": 2, "n": 128}, {"k": 16, "n": 128})
WRONG = [
    # One branch's result stands in for another's.
    "s = tf.stack; tf.stack = lambda ends: s([ends[1], *ends[1:]])",
    # The matrices are multiplied from the wrong side.
    "m = tf.linalg.matmul; tf.linalg.matmul = lambda a, b: m(b, a)",
]
FORMS = [{**SMALL, "jit_compile": True}]
