"""How python_threads is tested."""

SMALL = {"threads": 3, "ops": 6, "n": 64}
GROWTH = ({"ops": 4, "n": 256}, {"ops": 4, "n": 512})
WRONG = [
    # Every thread takes the first one's share, as when a loop's variable is bound too late.
    "from concurrent.futures import ThreadPoolExecutor as T; s = T.submit; "
    "T.submit = lambda pool, job, which: s(pool, job, 0)",
    # One product stands in for all those of its thread.
    "m, last = tf.linalg.matmul, {}; import threading; "
    "tf.linalg.matmul = lambda a, b: last.setdefault(threading.get_ident(), m(a, b))",
    "m = tf.linalg.matmul; tf.linalg.matmul = lambda a, b: m(b, a)",
    # One thread's products are never computed.
    "m, t = tf.linalg.matmul, {}; import threading as h; "
    "tf.linalg.matmul = lambda a, b: m(a, b) * float(t.setdefault(h.get_ident(), len(t)) != 1)",
]
FORMS = [
    {"threads": 3, "ops": 5, "n": 65},
    {"threads": 8, "ops": 8, "n": 33, "mode": "graph"},
    {"threads": 2, "ops": 300, "n": 4},
]
