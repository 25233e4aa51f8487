"""Several threads of one process that call a workload at the same time, without TensorFlow."""

from __future__ import annotations

import io
import json
import sys
import threading
import time
from dataclasses import replace

import pytest

from tests.made.made_up_workload import Params, TensorFlow, made_up
from workloads.harness.measuring import Measuring, Waited
from workloads.harness.worker import take_turns
from workloads.vocabulary.protocol import Order, to_line
from workloads.vocabulary.record import Case, Timing

CASE = Case("matmul", {}, None, None, Timing(0.0, 0.05, 2, 0.001), seed=1, concurrency=3)


@pytest.fixture(autouse=True)
def without_tensorflow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tensorflow", TensorFlow(["/device:CPU:0"]))


class Sleeping:
    """A call of some milliseconds, during which others may call."""

    def __init__(self) -> None:
        self.most, self.now, self.by = 0, 0, set[str]()
        self._lock = threading.Lock()

    def __call__(self) -> int:
        """Sleep, and note who called at the same time."""
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)
            self.by.add(threading.current_thread().name)
        time.sleep(0.004)
        with self._lock:
            self.now -= 1
        return 1


def test_each_thread_has_its_share_and_their_speeds_add_up() -> None:
    call = Sleeping()
    measuring = Measuring(CASE, made_up(call), Params())
    taken = measuring.slice(Waited(0.1, 0.0))
    assert call.most == 3
    assert len(taken.shares) == 3
    assert [share.samples > 0 for share in taken.shares] == [True] * 3
    assert sum(share.samples for share in taken.shares) == len(taken.samples)
    # Each call sleeps for 4 ms at least: three at a time take a third of that.
    calls = len(taken.samples) * measuring.calls
    assert 0.004 / 3 <= taken.wall_s / calls < 2 * 0.004
    speed = sum(share.samples / share.wall_s for share in taken.shares)
    assert len(taken.samples) / taken.wall_s == pytest.approx(speed)
    assert taken.cpu_s == pytest.approx(sum(share.cpu_s for share in taken.shares), abs=1e-5)


def test_the_runner_is_told_of_the_typical_call_by_speed() -> None:
    measuring = Measuring(CASE, made_up(Sleeping()), Params())
    answers, orders = io.StringIO(), io.StringIO(to_line(Order("slice")) + "\n")
    assert take_turns(measuring, orders, answers) == 3
    sliced = json.loads(answers.getvalue().splitlines()[1])
    assert 0.004 / 3 <= sliced["typical_s"] < 0.004
    assert sliced["work"] * sliced["calls"] / sliced["wall_s"] > 1 / 0.004


def test_alone_the_process_s_own_thread_calls() -> None:
    call = Sleeping()
    taken = Measuring(replace(CASE, concurrency=1), made_up(call), Params()).slice(Waited(0.1, 0.0))
    assert (taken.shares, call.most, call.by) == ([], 1, {threading.current_thread().name})


def test_a_thread_that_raises_ends_the_launch_and_not_the_others_patience() -> None:
    calls = 0

    def failing() -> int:
        nonlocal calls
        calls += 1
        if calls > 10 and threading.current_thread().name.endswith("_1"):
            raise RuntimeError("out of luck")
        time.sleep(0.001)
        return calls

    measuring = Measuring(CASE, made_up(failing), Params())
    with pytest.raises(RuntimeError, match="out of luck"):
        measuring.slice(Waited(0.1, 0.0))
