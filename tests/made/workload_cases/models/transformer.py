"""How transformer is tested."""

SMALL = {"layers": 2, "width": 128, "sequence": 10, "batch": 2}
GROWTH = ({"layers": 1, "width": 384}, {"layers": 8, "width": 384})
WRONG = [
    # The scores are not scaled.
    "n = tf.keras.layers.MultiHeadAttention; "
    "tf.keras.layers.MultiHeadAttention = lambda h, d: (m := n(h, d), setattr(m, '_inverse_sqrt_key_dim', 1.0))[0]",
    # Words do not see those that come after them.
    "n = tf.keras.layers.MultiHeadAttention; "
    "tf.keras.layers.MultiHeadAttention = lambda h, d: (lambda m: lambda *x: m(*x, use_causal_mask=True))(n(h, d))",
    "g = tf.nn.gelu; tf.nn.gelu = lambda x, approximate: tf.nn.relu(x)",
]
FORMS = [
    {**SMALL, "precision": "mixed"},
    {**SMALL, "jit_compile": True},
    {**SMALL, "precision": "mixed", "jit_compile": True},
    {**SMALL, "batch": 1, "layers": 12},
    {**SMALL, "layers": 12, "precision": "mixed"},
]
