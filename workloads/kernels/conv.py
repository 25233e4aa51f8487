"""A stack of 2-D convolutions with ReLU, as in the middle of an image classifier: what oneDNN is for.

TF_ENABLE_ONEDNN_OPTS and ONEDNN_MAX_CPU_ISA show here; they hardly do on a matrix product, which goes
through oneDNN either way.

Work: layers · batch · size² · 9 · channels² · 2 FLOP for 3 x 3 kernels with stride 1 and SAME padding on
images of size x size x channels (NHWC), the multiplications with the padding included. ReLU is not
counted. Images, kernels and results are in the precision that the parameters name.
Check: the first and the last image of the batch, all positions and channels, against NumPy in float64.
One of nine kernel positions left out gives an error of about 1/3.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workloads.harness.contract import Parameters, Workload, choice, compare, tolerance, whole
from workloads.parts.graphs import compiled, graph_workload
from workloads.vocabulary.record import Check, Work


@dataclass(frozen=True)
class Params(Parameters):
    """Sizes and form."""

    batch: int = whole(8, 1, 256)  # images
    size: int = whole(56, 1, 512)  # rows and columns of an image
    channels: int = whole(64, 1, 1024)  # of the images, before and after each layer
    layers: int = whole(2, 1, 16)  # convolutions, one after another
    precision: str = choice("float32", "bfloat16")  # of inputs, operations and results
    jit_compile: bool = choice(False, True)  # by XLA


def build(params: Params, rng: np.random.Generator) -> Workload:
    """One call takes the batch through all layers, in one graph."""
    import tensorflow as tf

    images = rng.standard_normal((params.batch, params.size, params.size, params.channels), dtype=np.float32)
    kernels = rng.standard_normal((params.layers, 3, 3, params.channels, params.channels), dtype=np.float32)
    kernels *= np.sqrt(2.0 / (9 * params.channels))  # He et al. 2015: values keep their size through ReLU layers

    def forward(x: Any, kernels: list[Any]) -> Any:
        for kernel in kernels:
            x = tf.nn.relu(tf.nn.conv2d(x, kernel, strides=1, padding="SAME"))
        return x

    graph = compiled(forward, params.jit_compile)
    on_device = tf.cast(images, params.precision), [tf.cast(kernel, params.precision) for kernel in kernels]
    ends = [0, params.batch - 1]

    def check(output: Any) -> Check:
        reference = np.stack([_forward(images[end], kernels) for end in ends])
        return compare(
            output.numpy()[ends], reference, tolerance(params.layers), "NumPy, float64, first and last image"
        )

    work = Work(2.0 * params.layers * params.batch * params.size**2 * 9 * params.channels**2, "FLOP")
    return graph_workload(graph, on_device, work, check)


def _forward(image: NDArray[np.float32], kernels: NDArray[np.float32]) -> NDArray[np.float64]:
    """The definition of the layers, for one image: rows x columns x channels, the same out."""
    rows, columns, _ = image.shape
    x = image.astype(np.float64)
    for kernel in kernels.astype(np.float64):
        padded = np.pad(x, ((1, 1), (1, 1), (0, 0)))
        x = sum(padded[i : i + rows, j : j + columns] @ kernel[i, j] for i in range(3) for j in range(3))
        x = np.maximum(x, 0.0)
    return x
