"""ResNet-50 inference (He et al. 2015) with drawn weights: the image classifier that most guides tune.

Mostly large convolutions with few branches: work for intra-op threads and oneDNN. Batch 1 is the latency of
a request, larger batches are throughput. precision "mixed" computes in bfloat16 with float32 weights.

Work: 2 · batch · Σ (kernel's elements x output's positions) over the 53 convolutions and the last, dense
layer; 8 GFLOP for an image of 224 x 224. Normalizations and activations are not counted.
Check: the logits of the first and the last image against NumPy in float64, which follows the model's wiring
and defines each layer anew. So it proves what TensorFlow computed, not that the wiring is He's: that is
Keras's to answer for. A normalization left out, or a rim of zeros at the wrong end, shows in all logits.
"""

from dataclasses import dataclass

import numpy as np

from workloads.harness.contract import Parameters, Workload, choice, tolerance, whole
from workloads.parts.keras_models import classifier, computing_in, draw_images, draw_weights

# The 53 convolutions and the dense layer, one after another.
_TOLERANCE = tolerance(54)


@dataclass(frozen=True)
class Params(Parameters):
    """Sizes and forms."""

    batch: int = whole(1, 1, 256)  # images; 1 gives latency
    size: int = whole(128, 32, 512)  # rows and columns of an image
    precision: str = choice("float32", "mixed")
    jit_compile: bool = choice(False, True)  # by XLA


def build(params: Params, rng: np.random.Generator) -> Workload:
    """One call takes the batch to its logits, in one graph."""
    import tensorflow as tf

    images = draw_images(params.batch, params.size, rng)
    with computing_in(params.precision):
        model = tf.keras.applications.ResNet50(weights=None, input_shape=images.shape[1:], classifier_activation=None)
    draw_weights(model, rng)
    return classifier(model, images, params.jit_compile, _TOLERANCE)
