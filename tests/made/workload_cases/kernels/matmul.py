"""How matmul is tested."""

SMALL = {"n": 200}
GROWTH = ({"n": 512}, {"n": 1024})
WRONG = [
    # One part of a division of the rows among threads is not computed.
    "m = tf.linalg.matmul; tf.linalg.matmul = lambda a, b, **_: tf.concat([m(a[:175], b), tf.zeros((25, 200))], 0)",
    # The last term of each sum is left out.
    "m = tf.linalg.matmul; tf.linalg.matmul = lambda a, b, **_: m(a[:, :-1], b[:-1])",
    "m = tf.linalg.matmul; tf.linalg.matmul = lambda a, b, **_: m(a, b) + float('nan')",
]
FORMS = [{**SMALL, "precision": p, "jit_compile": j} for p in ("float32", "bfloat16") for j in (False, True)]
FORMS += [{"m": 40, "n": 24, "k": 56, "transpose_a": a, "transpose_b": b} for a in (False, True) for b in (False, True)]
