"""JPEG files that are read, decoded, batched by tf.data, and consumed by a network: which of them waits for which.

With little `compute` the consumer waits for the input, and threads for computation serve nothing; with much the
input waits, and a parallel map serves nothing. The files lie in memory (/tmp of a launch): what is measured is
decoding, not a disk. A call takes a new iterator and gives it to one graph that draws the batches, as Keras does
in an epoch: nothing is traced anew, and the consumer runs where the rest of TensorFlow runs, on a GPU too,
which a `Dataset.reduce` would not.

tf.data rewrites pipelines unless told otherwise: it makes a plain map and the copying into batches parallel, joins
the two, and adds a prefetch at the end (`tf.data.experimental.OptimizationOptions`). With `rewrites` off, the default
here, the pipeline is what its parameters say; switched on, `num_parallel_calls: 1` and `prefetch: 0` are no more so.

Work: `images` examples, once through all files. The consumer averages strips of 8 rows of each image and takes them
through `compute` products with one matrix of (3 size) x (3 size): size / 8 · 2 (3 size)² FLOP for an image each.
Check: for each image in turn the mean of its rows after the products. The reference decodes each file by itself,
outside of tf.data, and goes on in NumPy, float64; what it decoded must be what was drawn, but for what JPEG
loses. Images that are missing, repeated or in another order give about 1 in their own comparison.
"""

import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workloads.harness.contract import Parameters, Workload, choice, compare, tolerance, whole, worst
from workloads.vocabulary.record import Check, Work

_STRIP = 8  # rows

# JPEG keeps less of colours than of brightness: 0.12 to 0.31 for these images, most where they are smallest. Another
# image's pixels give 1.4, colours that change places 1.1.
_JPEG_TOLERANCE = 0.5

Array = NDArray[Any]


@dataclass(frozen=True)
class Params(Parameters):
    """Sizes, and what tf.data is told."""

    images: int = whole(128, 1, 4096)
    size: int = whole(192, 32, 1024)  # pixels of a side
    batch: int = whole(16, 1, 1024)  # images
    num_parallel_calls: int | str = choice(1, 2, 4, "auto")  # of the map; 1: a plain map
    prefetch: int | str = choice(0, 1, "auto")  # batches
    private_threads: int = whole(0, 0, 64)  # of tf.data; 0: it uses TensorFlow's pool
    compute: int = whole(0, 0, 64)  # products that the consumer takes each strip through
    rewrites: bool = choice(False, True)  # whether tf.data may change the pipeline

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.images % self.batch:
            raise ValueError(f"images: {self.images} are not a whole number of batches of {self.batch}")
        if self.size % _STRIP:
            raise ValueError(f"size: {self.size} is not a multiple of {_STRIP}")


def build(params: Params, rng: np.random.Generator) -> Workload:
    """One call reads, decodes and consumes all files."""
    import tensorflow as tf

    pixels = _draw(params.images, params.size, rng)
    files = _write(tf, pixels)
    width = 3 * params.size
    # Orthogonal, so that values neither grow nor vanish in any number of products.
    weights = np.linalg.qr(rng.standard_normal((width, width), dtype=np.float32))[0]
    on_device = tf.constant(weights)

    def consume(images: Any) -> Any:
        x = tf.reduce_mean(tf.reshape(images, [-1, _STRIP, width]), axis=1)
        for _ in range(params.compute):
            x = tf.linalg.matmul(x, on_device)
        return tf.reduce_mean(tf.reshape(x, [params.batch, -1, width]), axis=1)

    def all_batches(iterator: Any) -> Any:
        steps = params.images // params.batch
        means = tf.TensorArray(tf.float32, size=steps)
        for step in tf.range(steps):
            means = means.write(step, consume(next(iterator)))
        return means.concat()

    dataset = _pipeline(tf, files, params)
    graph = tf.function(all_batches)

    @cache
    def reference() -> tuple[Check, Array]:
        decoded = np.stack([tf.io.decode_jpeg(tf.io.read_file(file)).numpy() for file in files])
        some = (slice(None), slice(None, None, 7), slice(None, None, 7))  # of each image's pixels: enough, and quick
        before = pixels[some] / 127.5 - 1
        faithful = compare(decoded[some] / 127.5 - 1, before, _JPEG_TOLERANCE, "pixels before JPEG")
        means = decoded.mean(axis=1, dtype=np.float64).reshape(-1, width) / 127.5 - 1
        return faithful, means @ np.linalg.matrix_power(weights.astype(np.float64), params.compute)

    def check(output: Any) -> Check:
        faithful, means = reference()
        if not faithful.passed:
            return faithful
        what, allowed = "NumPy, float64, each image's means", tolerance(max(1, params.compute))
        return worst(*(compare(got, mean, allowed, what) for got, mean in zip(output.numpy(), means, strict=True)))

    return Workload(
        call=lambda: graph(iter(dataset)),
        work=Work(float(params.images), "example"),
        check_first=check,
        check_last=check,
        traced=graph,
    )


def _draw(images: int, size: int, rng: np.random.Generator) -> Array:
    """Images of 8 x 8 coloured squares under some noise: images x size x size x 3, uint8."""
    squares = rng.integers(0, 256, (images, 8, 8, 3), dtype=np.int16)
    coloured = squares.repeat(size // 8, axis=1).repeat(size // 8, axis=2)
    return (coloured + rng.integers(-8, 9, coloured.shape, dtype=np.int16)).clip(0, 255).astype(np.uint8)


def _write(tf: Any, pixels: Array) -> list[str]:
    """A JPEG file for each image; their paths, in order. The folder goes when the launch's /tmp goes."""
    folder = Path(tempfile.mkdtemp())
    files = [str(folder / f"{i}.jpeg") for i in range(len(pixels))]
    for file, image in zip(files, pixels, strict=True):
        Path(file).write_bytes(tf.io.encode_jpeg(image, quality=90).numpy())
    return files


def _pipeline(tf: Any, files: list[str], params: Params) -> Any:
    """The batches of decoded images: batch x size x size x 3, float32 from -1 to 1, in the files' order."""

    def load(file: Any) -> Any:
        image = tf.io.decode_jpeg(tf.io.read_file(file), channels=3)
        return tf.ensure_shape(tf.cast(image, tf.float32) / 127.5 - 1.0, [params.size, params.size, 3])

    def number(value: int | str) -> Any:
        return tf.data.AUTOTUNE if value == "auto" else value

    dataset = tf.data.Dataset.from_tensor_slices(files)
    # Told 1, map would still run beside its consumer, one image ahead.
    calls = None if params.num_parallel_calls == 1 else number(params.num_parallel_calls)
    dataset = dataset.map(load, num_parallel_calls=calls)
    dataset = dataset.batch(params.batch, drop_remainder=True)
    if params.prefetch != 0:
        dataset = dataset.prefetch(number(params.prefetch))
    options = tf.data.Options()
    options.experimental_optimization.apply_default_optimizations = params.rewrites
    if params.private_threads:
        options.threading.private_threadpool_size = params.private_threads
    return dataset.with_options(options)
