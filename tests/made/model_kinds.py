"""Users' models of every kind, as code that makes each of them in the image, and what is said of its first output.

A case is its name, code, parameters, and words of the outcome: ``True`` or ``False`` for the check and what it was held
against, or the error. The code finds a folder in `folder`, filled as a launch fills it.
"""

from __future__ import annotations

from typing import Any

_KERAS_2 = """
import tf_keras as keras
net = keras.Sequential([keras.layers.Input((6,), dtype="int32"), keras.layers.Embedding(777, 4),
                        keras.layers.Flatten(), keras.layers.Dense(3, activation="softmax")])
net.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
net.train_on_batch(np.ones((2, 6), "int32"), np.ones((2,), "int32"))
"""
_KERAS_3 = """
import keras
net = keras.Sequential([keras.Input((6,)), keras.layers.Embedding(777, 4), keras.layers.Flatten(),
                        keras.layers.Dense(3)])
net.compile("adam", "mse")
"""
_SIGNATURES = """
class Net(tf.Module):
    def __init__(self):
        super().__init__()
        self.table = tf.Variable(tf.random.normal((900, 4)))
    @tf.function(input_signature=[tf.TensorSpec([None, 5], tf.int64, name="ids")])
    def __call__(self, x):
        return {"y": tf.reduce_sum(tf.gather(self.table, x), 1)}
    @tf.function(input_signature=[tf.TensorSpec([None, 5], tf.float32, name="x")])
    def twice(self, x):
        return {"y": 2 * x}
    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="examples")])
    def parsed(self, x):
        return tf.io.parse_example(x, {"x": tf.io.FixedLenFeature([5], tf.float32)})
net = Net()
"""
_PYTHON = """
def python(text):
    (folder / "model").mkdir()
    (folder / "model/model.py").write_text(text)
"""
_FUNCTIONAL = (
    _PYTHON
    + """
python('''
import keras
def build_model(batch):
    b, a = keras.Input((4,), name="b", dtype="int32"), keras.Input((8,), name="a")
    h = keras.layers.Concatenate()([a, keras.layers.Flatten()(keras.layers.Embedding(300, 4)(b))])
    outputs = [keras.layers.Dense(5, activation="softmax", name="c")(h), keras.layers.Dense(1, name="r")(h)]
    model = keras.Model({"b": b, "a": a}, outputs)
    model.compile("adam", loss={"c": "sparse_categorical_crossentropy", "r": "mse"})
    return model
''')
"""
)
_UNCOMPILED = (
    _PYTHON
    + """
python('''
import keras
class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = keras.layers.Dense(3)
    def call(self, x):
        return {"z": self.dense(x)}
def build_model(batch):
    net = Net()
    net.build((None, 7))
    return net
''')
"""
)

Kind = tuple[str, str, dict[str, Any], str]

KINDS: list[Kind] = [
    ("Keras 2, SavedModel with optimizer", f"{_KERAS_2}net.save(folder / 'model')", {}, "True the loaded function"),
    ("Keras 2, HDF5", f"{_KERAS_2}net.save(folder / 'model.h5')", {}, "True an eager run of the model on made-up"),
    ("Keras 2, archive", f"{_KERAS_2}net.save(folder / 'model.keras')", {}, "int32 (1, 6) 0 to 776"),
    (
        "Keras 2, archive from Windows",
        f"{_KERAS_2}net.save('/tmp/w.keras')\n"
        "import h5py, zipfile\n"
        "with zipfile.ZipFile('/tmp/w.keras') as old, zipfile.ZipFile(folder / 'model.keras', 'w') as new:\n"
        "    old.extract('model.weights.h5', '/tmp')\n"
        "    with h5py.File('/tmp/model.weights.h5') as a, h5py.File('/tmp/b.h5', 'w') as b:\n"
        "        for name in a:\n"
        "            for inner in a[name] if name == 'layers' else ():\n"
        "                a.copy('layers/' + inner, b, 'layers' + chr(92) + inner)\n"
        "            if name != 'layers':\n"
        "                a.copy(name, b)\n"
        "    new.write('/tmp/b.h5', 'model.weights.h5')\n"
        "    for name in ('metadata.json', 'config.json'):\n"
        "        new.writestr(name, old.read(name))\n",
        {},
        "True an eager run of the model",
    ),
    ("Keras 2, trained", f"{_KERAS_2}net.save(folder / 'model.h5')", {"call": "train", "batch": 4}, "True itself on"),
    ("Keras 3, HDF5", f"{_KERAS_3}net.save(folder / 'model.h5')", {}, "float32 (1, 6) 0 to 776"),
    ("Keras 3, archive", f"{_KERAS_3}net.save(folder / 'model.keras')", {}, "float32 (1, 6) 0 to 776"),
    ("Keras 3, exported", f"{_KERAS_3}net.export(str(folder / 'model'))", {"batch": 2}, "(2, 6) 0 to 776"),
    ("Keras 3, predicts", f"{_KERAS_3}net.save(folder / 'model.h5')", {"call": "predict"}, "True an eager run"),
    (
        "Keras 3, predicts a batch",
        f"{_KERAS_3}net.save(folder / 'model.keras')",
        {"call": "predict_on_batch", "batch": 4},
        "True an eager run",
    ),
    ("Keras 3, trained", f"{_KERAS_3}net.save(folder / 'model.keras')", {"call": "train"}, "True itself on made-up"),
    ("a dictionary of inputs", _FUNCTIONAL, {"batch": 2}, "a float32 (2, 8) standard normal, b int32 (2, 4) 0 to 299"),
    ("two losses", _FUNCTIONAL, {"batch": 2, "call": "train"}, "True itself on made-up inputs: a float32"),
    ("a loss by default", _UNCOMPILED, {"batch": 2, "call": "train"}, "True itself on made-up inputs: input"),
    ("a subclassed model", _UNCOMPILED, {"batch": 2, "call": "call"}, "input float32 (2, 7) standard normal"),
    (
        "Lambda",
        "import keras\nnet = keras.Sequential([keras.Input((3,)), keras.layers.Lambda(lambda x: x * 2)])\n"
        "net.save(folder / 'model.keras')",
        {},
        "holds Python code as a Lambda layer: `params: {allow_lambda: true}`",
    ),
    (
        "Lambda that may run",
        "import keras\nnet = keras.Sequential([keras.Input((3,)), keras.layers.Lambda(lambda x: x * 2)])\n"
        "net.save(folder / 'model.keras')",
        {"allow_lambda": True},
        "True an eager run",
    ),
    (
        "a module's own call",
        f"{_SIGNATURES}tf.saved_model.save(net, str(folder / 'model'))",
        {},
        "ids int64 (1, 5) 0 to 899",
    ),
    (
        "another method",
        f"{_SIGNATURES}tf.saved_model.save(net, str(folder / 'model'))",
        {"signature": "twice"},
        "x float32 (1, 5) standard normal",
    ),
    (
        "no such signature",
        f"{_SIGNATURES}tf.saved_model.save(net, str(folder / 'model'))",
        {"signature": "thrice"},
        "the SavedModel has no signature thrice; its signatures are __call__, ",
    ),
    (
        "several signatures",
        f"{_SIGNATURES}tf.saved_model.save(net, str(folder / 'model'), {{'a': net.twice, 'b': net.__call__}})",
        {},
        "none is serving_default: a takes x float32 (?, 5); b takes ids int64 (?, 5); choose one, as in `signature: a`",
    ),
    (
        "serialised examples",
        f"{_SIGNATURES}tf.saved_model.save(net, str(folder / 'model'), "
        "{'serving_default': net.parsed, 'raw': net.twice})",
        {},
        "serving_default takes strings, such as serialised examples; raw takes x float32 (?, 5): write",
    ),
    (
        "strings that are no examples",
        f"{_SIGNATURES}tf.saved_model.save(net, str(folder / 'model'), net.parsed)",
        {},
        "ModelError: calling the model on made-up inputs: examples string (1) all 'a': InvalidArgumentError: ",
    ),
    (
        "TensorFlow 1, several graphs",
        "v1 = tf.compat.v1\n"
        "builder = v1.saved_model.Builder(str(folder / 'model'))\n"
        "for place, tags in enumerate((['serve'], ['train'])):\n"
        "    with tf.Graph().as_default(), v1.Session() as session:\n"
        "        x, w = v1.placeholder(tf.float32, (None, 3), 'x'), v1.get_variable('w', (3, 2))\n"
        "        session.run(v1.global_variables_initializer())\n"
        "        signature = v1.saved_model.predict_signature_def({'x': x}, {'y': x @ w})\n"
        "        args = {'signature_def_map': {'serving_default': signature}}\n"
        "        if place:\n"
        "            builder.add_meta_graph(tags, **args)\n"
        "        else:\n"
        "            builder.add_meta_graph_and_variables(session, tags, **args)\n"
        "builder.save()\n",
        {"batch": 3},
        "True the loaded function by itself on made-up inputs: x float32 (3, 3)",
    ),
    (
        "a frozen graph",
        "with tf.Graph().as_default() as graph:\n"
        "    x = tf.compat.v1.placeholder(tf.float32, (None, 3), 'x')\n"
        "    tf.identity(tf.matmul(x, tf.ones((3, 2))), 'y')\n"
        "(folder / 'model.pb').write_bytes(graph.as_graph_def().SerializeToString())\n",
        {"batch": 3},
        "True the loaded function by itself on made-up inputs: x float32 (3, 3)",
    ),
    *(
        (
            f"a frozen graph by {signature}",
            "with tf.Graph().as_default() as graph:\n"
            "    x = tf.compat.v1.placeholder(tf.float32, (None, 3), 'x')\n"
            "    h = tf.matmul(x, tf.ones((3, 2)), name='hidden')\n"
            "    tf.identity(tf.matmul(h, tf.ones((2, 5))), 'y')\n"
            "(folder / 'model.pb').write_bytes(graph.as_graph_def().SerializeToString())\n",
            {"batch": 3, "signature": signature},
            says,
        )
        for signature, says in (
            ("x -> hidden", "True the loaded function by itself on made-up inputs: x float32 (3, 3)"),
            ("hidden:0 -> y", "True the loaded function by itself on made-up inputs: hidden float32 (3, 2)"),
            ("x -> hiden", "ModelError: the graph has no operation 'hiden'; did you mean 'hidden'"),
            ("x -> y:3", "ModelError: the graph's operation 'y' has 1 outputs, none of number 3"),
            ("serve", "ModelError: `signature: serve` says nothing of this graph; write its inputs and outputs"),
        )
    ),
    ("no graph", "(folder / 'model.pb').write_bytes(b'nothing')", {}, "ModelError: loading model.pb: DecodeError: "),
    (
        "ragged rows",
        _PYTHON + "python('''\nimport tensorflow as tf\n"
        "def build_model(batch):\n"
        "    table = tf.Variable(tf.random.normal((100, 8)))\n"
        "    @tf.function(input_signature=[tf.RaggedTensorSpec([None, None], tf.int32)])\n"
        "    def f(ids):\n"
        "        return tf.reduce_sum(tf.gather(table, ids), axis=1)\n"
        "    return f\n''')",
        {"batch": 3, "length": 5},
        "int32 (3, ?) 0 to 99, 1 to 5 in a row",
    ),
    (
        "0/0 on made-up inputs",
        _PYTHON + "python('''\nimport tensorflow as tf\n"
        "def build_model(batch):\n"
        "    return tf.function(tf.math.log, input_signature=[tf.TensorSpec((None, 9), name=\"price\")])\n''')",
        {},
        "False an eager run of the model on made-up inputs: price float32 (1, 9) standard normal, which is not finite "
        "either; give the workload `inputs`",
    ),
    (
        "dropout",
        _PYTHON + "python('''\nimport tensorflow as tf\n"
        "def build_model(batch):\n"
        "    return lambda x: tf.nn.dropout(x, 0.5), (tf.ones((batch, 64)),)\n''')",
        {},
        "False an eager run of the model on the inputs that build_model returned, which differs from call to call as "
        "well: `params: {check: finite}`",
    ),
    (
        "a call of its own",
        _PYTHON + "python('''\nimport keras\n"
        "def build_model(batch):\n"
        "    net = keras.Sequential([keras.Input((8,)), keras.layers.Dense(4)])\n"
        '    net.compile("adam", "mse")\n'
        "    x, y = keras.random.normal((batch, 8)), keras.random.normal((batch, 4))\n"
        "    return (lambda: net.train_on_batch(x, y)), ()\n''')",
        {"call": "call", "check": "finite"},
        "True itself on the inputs that build_model returned: it is finite",
    ),
    (
        "what cannot be traced",
        _PYTHON + "python('''\nimport numpy as np\n"
        "def build_model(batch):\n"
        "    return (lambda x: np.linalg.inv(x.numpy())), (np.eye(3),)\n''')",
        {},
        "; `params: {call: call}` calls it as it is, untraced",
    ),
    (
        "training what is no Keras model",
        f"{_SIGNATURES}tf.saved_model.save(net, str(folder / 'model'))",
        {"call": "train"},
        "`call: train` is for Keras models: .keras, .h5, or a Python file whose build_model returns one",
    ),
]
