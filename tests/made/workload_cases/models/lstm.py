"""How lstm is tested."""

SMALL = {"batch": 3, "steps": 7, "features": 12, "units": 16}
GROWTH = ({"batch": 4, "steps": 8}, {"batch": 4, "steps": 64})
WRONG = [
    # The gates are taken apart in another order.
    "s = tf.split; tf.split = lambda x, *how, **more: s(x, *how, **more)[::-1]",
    # The sequences are read from their end.
    "l = tf.keras.layers.LSTM; tf.keras.layers.LSTM = lambda *a, **how: l(*a, go_backwards=True, **how)",
    # No step sees what the one before put out; its memory alone is passed on.
    "c = tf.keras.layers.LSTMCell.call; tf.keras.layers.LSTMCell.call = "
    "lambda self, x, states, training=False: c(self, x, [0 * states[0], states[1]], training)",
    # The gates of Keras's early versions.
    "l = tf.keras.layers.LSTM; "
    "tf.keras.layers.LSTM = lambda *a, **how: l(*a, recurrent_activation='hard_sigmoid', **how)",
]
FORMS = [
    {**SMALL, "precision": "mixed"},
    {**SMALL, "jit_compile": True},
    {**SMALL, "precision": "mixed", "jit_compile": True},
    {**SMALL, "batch": 1, "steps": 100},
]
