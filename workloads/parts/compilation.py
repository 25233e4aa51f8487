"""TensorFlow functions, compiled by XLA or not: what the parameter `jit_compile` means in every workload."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def compiled(function: Callable[..., Any], jit_compile: bool) -> Any:
    """`function` as a tf.function, which XLA compiles if `jit_compile` is true.

    False leaves the choice to TensorFlow: XLA compiles nothing unless TF_XLA_FLAGS asks for it.
    """
    import tensorflow as tf

    # None, not False: tf.function takes False as a ban that also overrules TF_XLA_FLAGS.
    return tf.function(function, jit_compile=jit_compile or None)
