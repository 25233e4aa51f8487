"""Training a small convolutional network on images: data, network, and what its steps must give, in NumPy.

`cnn_training` and `mirrored_training` take the same steps; the second divides each batch among replicas.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workloads.harness.contract import Parameters, choice, compare, tolerance, whole, worst
from workloads.parts.keras_models import computing_in, draw_weights
from workloads.vocabulary.record import Check

CLASSES = 10

# A rounding error of ε in a convolution flips the ReLU of a share ε of the units, and so changes a gradient by
# √ε, 5e-2 for BF16; a layer that is not trained gives 1.
_STEPS_TOLERANCE = 0.2

Array = NDArray[Any]


@dataclass(frozen=True)
class TrainingParams(Parameters):
    """Sizes and precision."""

    batch: int = whole(64, 1, 4096)  # images of a step
    steps: int = whole(4, 1, 256)  # of a call, each on a batch of its own
    size: int = whole(32, 4, 256)  # rows and columns of an image, a multiple of 4
    channels: int = whole(32, 1, 512)  # after the first convolution
    precision: str = choice("float32", "mixed")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.size % 4:
            raise ValueError(f"size: {self.size} is not a multiple of 4, as two means over 2 x 2 need it")


@dataclass(frozen=True)
class Training:
    """Data in NumPy, a step on one batch of them, and the checks of the losses that a call's steps give."""

    images: Array  # steps x batch x size x size x 3
    labels: Array  # steps x batch
    step: Callable[[Any, Any], Any]  # the loss of (images, labels), tensors; it changes the weights
    check_first: Callable[[Any], Check]
    check_last: Callable[[Any], Check]


def prepare_training(params: TrainingParams, rng: np.random.Generator) -> Training:
    """The data, and the step of a new network whose weights are drawn."""
    import tensorflow as tf

    images, labels = draw_examples(params.steps, params.batch, params.size, rng)
    with computing_in(params.precision):
        model = network(params.size, params.channels)
    draw_weights(model, rng)
    rate = learning_rate(params.size, params.channels)
    optimizer = tf.keras.optimizers.SGD(rate)
    optimizer.build(model.trainable_variables)

    def step(x: Any, y: Any) -> Any:
        with tf.GradientTape() as tape:
            logits = tf.cast(model(x, training=True), tf.float32)
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits)
            # The part of the whole batch's mean that x has: the sum of the parts of all replicas is that mean.
            loss = tf.reduce_sum(losses) / params.batch
        variables = model.trainable_variables
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        return loss

    return Training(images, labels, step, *checks(model, images, labels, rate))


def draw_examples(steps: int, batch: int, size: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Images (steps x batch x size x size x 3) and labels (steps x batch) that can be learnt: a linear teacher's."""
    images = rng.standard_normal((steps, batch, size, size, 3), dtype=np.float32)
    flat = images.reshape(steps, batch, -1)
    return images, (flat @ rng.standard_normal((flat.shape[-1], CLASSES), dtype=np.float32)).argmax(axis=-1)


def network(size: int, channels: int) -> Any:
    """The network, as Keras builds it: images in, logits out."""
    import tensorflow as tf

    layers = tf.keras.layers
    return tf.keras.Sequential(
        [
            tf.keras.Input((size, size, 3)),
            layers.Conv2D(channels, 3, padding="same", activation="relu"),
            layers.AveragePooling2D(2),
            layers.Conv2D(2 * channels, 3, padding="same", activation="relu"),
            layers.AveragePooling2D(2),
            layers.Flatten(),
            layers.Dense(CLASSES),
        ]
    )


def learning_rate(size: int, channels: int) -> float:
    """Gradients grow with the values that a layer sums over: so training is stable for all sizes."""
    return 1.0 / (9 * 3 + 9 * channels + (size // 4) ** 2 * 2 * channels)


def checks(model: Any, images: Array, labels: Array, rate: float) -> tuple[Any, Any]:
    """The checks of the first and the last call's losses, for a model whose weights are still the drawn ones."""
    start = model.get_weights()
    allowed = tolerance(3)

    @cache
    def reference() -> tuple[Array, list[Array]]:
        return train(start, images, labels, rate)

    def check_first(losses: Any) -> Check:
        reference_losses, end = reference()
        parts = [compare(losses.numpy(), reference_losses, allowed, "NumPy, float64, the first call's losses")]
        for now, before, after in zip(model.get_weights(), start, end, strict=True):
            what = "NumPy, float64, what the first call's steps added"
            parts.append(compare(now - before, after - before, _STEPS_TOLERANCE, what))
        return worst(*parts)

    def check_last(losses: Any) -> Check:
        # Where a value is not finite the comparison is false too.
        passed = bool(losses.numpy().mean(dtype=np.float64) < reference()[0].mean())
        return Check(passed, None, allowed, "below the first call's mean loss")

    return check_first, check_last


def train(start: Iterable[Array], images: Array, labels: Array, rate: float) -> tuple[Array, list[Array]]:
    """The definition of the steps: the loss of each, and the weights and biases at the end, in float64.

    `start`: kernel and bias of each convolution, weights and bias of the dense layer, in Keras's order.
    """
    k1, b1, k2, b2, w, b = weights = [array.astype(np.float64) for array in start]
    losses = []
    for x, y in zip(images.astype(np.float64), labels, strict=True):
        first = _convolve(x, k1) + b1
        half = _mean(np.maximum(first, 0.0))
        second = _convolve(half, k2) + b2
        quarter = _mean(np.maximum(second, 0.0))
        flat = quarter.reshape(len(x), -1)
        logits = flat @ w + b
        logits -= logits.max(axis=1, keepdims=True)
        chosen = (np.arange(len(y)), y)
        log_sums = np.log(np.exp(logits).sum(axis=1, keepdims=True))
        losses.append(float((log_sums[:, 0] - logits[chosen]).mean()))

        # d loss / d logits, then down through the layers.
        slope = np.exp(logits - log_sums)
        slope[chosen] -= 1.0
        slope /= len(y)
        down_2 = _spread((slope @ w.T).reshape(quarter.shape)) * (second > 0)
        # A kernel of odd size turned by half a circle takes slopes back to where they came from.
        down_1 = _spread(_convolve(down_2, k2[::-1, ::-1].swapaxes(2, 3))) * (first > 0)
        slopes = [
            *(_kernel_slope(x, down_1), down_1.sum(axis=(0, 1, 2))),
            *(_kernel_slope(half, down_2), down_2.sum(axis=(0, 1, 2))),
            *(flat.T @ slope, slope.sum(axis=0)),
        ]
        for array, change in zip(weights, slopes, strict=True):
            array -= rate * change
    return np.array(losses), weights


def _seen(x: Array) -> Array:
    """What a 3 x 3 kernel sees at each position, zeros around the images: positions x (9 · channels)."""
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(1, 2))
    return windows.transpose(0, 1, 2, 4, 5, 3).reshape(-1, 9 * x.shape[3])


def _convolve(x: Array, kernel: Array) -> Array:
    return np.asarray((_seen(x) @ kernel.reshape(-1, kernel.shape[3])).reshape(*x.shape[:3], -1))


def _kernel_slope(x: Array, down: Array) -> Array:
    """The slope of the loss by the kernel, from that by the convolution's output."""
    slope = _seen(x).T @ down.reshape(-1, down.shape[3])
    return np.asarray(slope.reshape(3, 3, x.shape[3], -1))


def _mean(x: Array) -> Array:
    batch, rows, columns, channels = x.shape
    return np.asarray(x.reshape(batch, rows // 2, 2, columns // 2, 2, channels).mean(axis=(2, 4)))


def _spread(slope: Array) -> Array:
    """The slope by each value from the slope by the mean of four."""
    return np.asarray(slope.repeat(2, axis=1).repeat(2, axis=2) / 4)
