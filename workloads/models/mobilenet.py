"""MobileNetV3-Small inference (Howard et al. 2019) with drawn weights: a model made for small machines.

Many small operations, most of them depthwise convolutions and gates: each is soon done, so what an
operation costs to start counts. precision "mixed" computes in bfloat16 with float32 weights.

Work: 2 · batch · Σ (kernel's elements x output's positions) over the 54 convolutions; 0.11 GFLOP for an
image of 224 x 224. Normalizations, activations and gates are not counted.
Check: the logits of the first and the last image against NumPy in float64, which follows the model's wiring
and defines each layer anew. So it proves what TensorFlow computed, not that the wiring is Howard's: that is
Keras's to answer for. A gate or an activation left out shows in all logits.
"""

from dataclasses import dataclass

import numpy as np

from workloads.harness.contract import Parameters, Workload, choice, tolerance, whole
from workloads.parts.keras_models import classifier, computing_in, draw_images, draw_weights

# The 54 convolutions, and four times that because the gates multiply errors: those of bfloat16 came to 0.01 to
# 0.09 over a few seeds.
_TOLERANCE = 4 * tolerance(54)


@dataclass(frozen=True)
class Params(Parameters):
    """Sizes and forms."""

    batch: int = whole(1, 1, 1024)  # images; 1 gives latency
    size: int = whole(224, 32, 512)  # rows and columns of an image
    precision: str = choice("float32", "mixed")
    jit_compile: bool = choice(False, True)  # by XLA


def build(params: Params, rng: np.random.Generator) -> Workload:
    """One call takes the batch to its logits, in one graph."""
    import tensorflow as tf

    images = draw_images(params.batch, params.size, rng)
    with computing_in(params.precision):
        model = tf.keras.applications.MobileNetV3Small(
            weights=None, input_shape=images.shape[1:], include_preprocessing=False, classifier_activation=None
        )
    draw_weights(model, rng)
    return classifier(model, images, params.jit_compile, _TOLERANCE)
