"""A model in a Python file: copy this, put your own model in its place, and name the copy in a config.

    workloads:
      mine: {model: path/to/the/copy.py, params: {batch: 8}}

The file holds one function, ``build_model(batch)``. It returns what is measured: a Keras model or a tf.function with an
input signature, whose inputs are then made up from what it declares; or any callable and a tuple of its inputs. Modules
that the file imports and files that it names come along if they lie beside it.
"""

from typing import Any


def build_model(batch: int) -> Any:
    """Three dense layers of 512 units: (batch, 512) -> (batch, 512)."""
    import tensorflow as tf

    weights = [tf.Variable(tf.random.normal((512, 512), stddev=512**-0.5)) for _ in range(3)]

    def model(x: Any) -> Any:
        for weight in weights:
            x = tf.nn.relu(tf.linalg.matmul(x, weight))
        return x

    return tf.function(model, input_signature=[tf.TensorSpec((None, 512), tf.float32, name="x")])
