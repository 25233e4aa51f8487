"""How input_pipeline is tested."""

SMALL = {"images": 12, "size": 48, "batch": 4, "compute": 2}
GROWTH = ({"images": 32, "compute": 1}, {"images": 256, "compute": 1})
WRONG = [
    # Images come in another order.
    "D = tf.data.Dataset; b = D.batch; D.batch = lambda d, n, **how: b(d.shuffle(12, seed=1), n, **how)",
    # The first image comes twice, and the last one never.
    "D = tf.data.Dataset; m = D.map; D.map = lambda d, f, **how: m(d.take(1).concatenate(d), f, **how)",
    # Images are decoded at half the size, and blown up again.
    "d = tf.io.decode_jpeg; tf.io.decode_jpeg = lambda x, **how: "
    "tf.repeat(tf.repeat(d(x, ratio=2, **how), 2, 0), 2, 1) if how else d(x)",
    # Red and blue change places, wherever files are decoded.
    "d = tf.io.decode_jpeg; tf.io.decode_jpeg = lambda x, **how: d(x, **how)[:, :, ::-1]",
]
FORMS = [
    {**SMALL, "num_parallel_calls": calls, "prefetch": prefetch, "private_threads": threads, "rewrites": rewrites}
    for calls, prefetch, threads, rewrites in [
        (1, 0, 0, True),
        (2, 1, 1, False),
        (4, "auto", 3, False),
        ("auto", 1, 0, True),
    ]
] + [{"images": 10, "size": 32, "batch": 1, "compute": 64}]
