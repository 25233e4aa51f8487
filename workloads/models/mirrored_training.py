"""The training steps of `cnn_training`, with each batch divided among replicas by MirroredStrategy.

Without a GPU the replicas are logical CPU devices, which share the machine's CPUs and TensorFlow's pools: what
dividing the work costs or gains against `cnn_training` with the same parameters. With GPUs there is a
replica on each GPU, whatever `replicas` says; the record's devices show it.

Work: steps · batch examples for one call; `batch` is that of all replicas together, so that more of them share
the same work. Network, data and steps are those of `cnn_training`: each replica has the mean gradient of
its share of the batch, and the replicas' sum is taken before the weights change.
Check: as `cnn_training`: the first call's losses and what its steps added to each weight, against NumPy in
float64, which knows nothing of replicas. Gradients that are not summed, or of one share only, fail.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from workloads.harness.contract import Workload, whole
from workloads.parts.image_training import TrainingParams, prepare_training
from workloads.vocabulary.record import Work


@dataclass(frozen=True)
class Params(TrainingParams):
    """Sizes and forms; each batch is divided evenly among the replicas."""

    replicas: int = whole(2, 1, 16)  # logical CPU devices

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.batch % self.replicas:
            raise ValueError(f"batch: {self.batch} cannot be divided evenly among {self.replicas} replicas")


def prepare(params: Params) -> None:
    """Divide the CPU into logical devices, which must be done before TensorFlow's context starts.

    A second time it does nothing; raises RuntimeError where the context has started without it.
    """
    import tensorflow as tf

    if not tf.config.list_physical_devices("GPU"):
        [cpu] = tf.config.list_physical_devices("CPU")
        tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * params.replicas)


def build(params: Params, rng: np.random.Generator) -> Workload:
    """One call is all steps, in one graph; the weights go on from where the last call left them."""
    import tensorflow as tf

    prepare(params)  # for callers other than the worker
    devices = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
    if params.batch % len(devices):
        raise ValueError(f"batch: {params.batch} cannot be divided evenly among {len(devices)} GPUs")
    strategy = tf.distribute.MirroredStrategy([device.name for device in devices])
    with strategy.scope():
        training = prepare_training(params, rng)

    def steps_in_turn(images: Any, labels: Any) -> Any:
        losses = tf.TensorArray(tf.float32, size=params.steps)
        for i in tf.range(params.steps):
            shares = strategy.run(
                lambda images, labels, i=i: training.step(images[i], labels[i]), args=(images, labels)
            )
            losses = losses.write(i, strategy.reduce(tf.distribute.ReduceOp.SUM, shares, axis=None))
        return losses.stack()

    def shares(array: Any) -> Any:
        """Each replica's part of each batch, on its own device."""
        parts = np.split(array, len(devices), axis=1)
        return strategy.experimental_distribute_values_from_function(
            lambda context: tf.constant(parts[context.replica_id_in_sync_group])
        )

    graph = tf.function(steps_in_turn)
    on_devices = shares(training.images), shares(training.labels)
    return Workload(
        call=lambda: graph(*on_devices),
        work=Work(float(params.steps * params.batch), "example"),
        check_first=training.check_first,
        check_last=training.check_last,
        traced=graph,
    )
