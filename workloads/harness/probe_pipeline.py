"""A small tf.data pipeline that shows what its options do without a clock."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Any

_ELEMENTS = 24
_WORK_S = 0.01  # long beside the microseconds that tf.data needs to start a call
_SETTLED_S = 0.2  # no element in twenty calls' time: the pipeline has run as far ahead as it will


@dataclass(frozen=True)
class Pipeline:
    """What was seen of a map and a prefetch."""

    output: int  # the sum of all elements
    at_once: int  # calls of the mapped function in flight at most
    of_eight: int  # the same where eight are allowed: what the pool behind them has room for
    made_ahead: int  # elements made before the consumer asked for a second one


def run_pipeline(
    tf: Any, parallel: int | str | None, prefetch: int | str | None, private_threads: int | None
) -> Pipeline:
    """Map a slow function over a few numbers; None and 0 leave an option out, "auto" is AUTOTUNE."""
    work, crowded = _Work(), _Work()
    elements = iter(_data(tf, work, parallel, prefetch, private_threads))
    total = int(next(elements))
    made_ahead = work.settled()
    total += sum(int(element) for element in elements)
    for _ in _data(tf, crowded, 8, None, private_threads):
        pass
    return Pipeline(total, work.most, crowded.most, made_ahead)


def _data(
    tf: Any, work: _Work, parallel: int | str | None, prefetch: int | str | None, private_threads: int | None
) -> Any:
    auto = tf.data.AUTOTUNE
    data = tf.data.Dataset.range(_ELEMENTS)
    data = data.map(
        lambda x: tf.numpy_function(work, [x], tf.int64), num_parallel_calls=auto if parallel == "auto" else parallel
    )
    if prefetch:
        data = data.prefetch(auto if prefetch == "auto" else prefetch)
    if private_threads:
        options = tf.data.Options()
        options.threading.private_threadpool_size = private_threads
        data = data.with_options(options)
    return data


class _Work:
    """The mapped function, which keeps count of itself."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._now = self.most = self.made = 0

    def __call__(self, x: Any) -> Any:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        time.sleep(_WORK_S)
        with self._lock:
            self._now -= 1
            self.made += 1
        return x * x

    def settled(self) -> int:
        """How many elements were made, once no further one is."""
        made = -1
        while made != self.made:
            made = self.made
            time.sleep(_SETTLED_S)
        return made
