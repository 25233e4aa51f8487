"""The worker without TensorFlow: what it reads, where it writes, and what it makes of a workload."""

from __future__ import annotations

import io
import itertools
import json
import statistics
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import pytest

from tests.made.made_up_workload import PASSED, Params, TensorFlow, Traced, made_up
from workloads.harness.measuring import Measuring, Waited
from workloads.harness.worker import read_case, take_turns
from workloads.vocabulary.protocol import Order, to_line
from workloads.vocabulary.record import Case, Check, Measurement, Timing, Work, to_json

CASE = Case("matmul", {"n": 64}, 2, None, Timing(0.01, 0.02, 3, 0.001), seed=1)


def case_json(**changes: Any) -> str:
    return json.dumps({**asdict(CASE), **changes})


def worker(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "workloads.harness.worker", *arguments], capture_output=True, text=True
    )


def test_a_case_comes_through_as_it_went_out_whatever_space_pads_it() -> None:
    assert read_case([to_json(CASE) + " " * 100]) == CASE


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "not a case"),
        ("[]", "not a case"),
        ("{", "not a case"),
        ('{"format":2}', "'timing' is missing"),
        (case_json(surplus=1), "surplus"),
        (case_json(format=1), "format 1"),
        (case_json(seed=-1), "seed: -1"),
        (case_json(seed="1"), "seed: '1'"),
        (case_json(intra_op="2"), "intra_op: '2'"),
        (case_json(inter_op=True), "inter_op: True"),
        (case_json(params=[]), "params: []"),
        (case_json(co_runners=-1), "co_runners: -1"),
        (case_json(instances="2"), "instances: '2'"),
        (case_json(concurrency=-1), "concurrency: -1"),
        (case_json(timing={**asdict(CASE.timing), "slice_s": float("inf")}), "timing.slice_s: inf"),
        (case_json(timing={**asdict(CASE.timing), "warmup_s": float("nan")}), "timing.warmup_s: nan"),
        (case_json(timing={"warmup_s": 1}), "slice_s"),
        (case_json(workload="matmull"), "did you mean 'matmul'"),
        (case_json(params={"rows": 1}), "rows: no such parameter"),
        (case_json(params={"n": 0}), "n: 0 is not a whole number"),
    ],
)
def test_a_case_that_cannot_be_run_ends_with_one_sentence_and_status_2(text: str, sentence: str) -> None:
    done = worker(text)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert sentence in done.stderr


@pytest.mark.parametrize("arguments", [[], ["{}", "{}"]])
def test_one_argument_is_wanted(arguments: list[str]) -> None:
    done = worker(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert "one argument wanted" in done.stderr


def test_nothing_but_the_answer_reaches_standard_output() -> None:
    """What Python prints, what the C library prints and what a child process prints go elsewhere."""
    code = """
import ctypes, os
from workloads.harness.worker import private_stdout
with private_stdout() as answer:
    print("from Python")
    ctypes.CDLL(None).puts(b"from C")
    ctypes.CDLL(None).fflush(None)
    os.system("echo from a child")
    answer.write("the answer\\n")
print("from Python, late")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "the answer\n"
    assert sorted(done.stderr.splitlines()) == ["from C", "from Python", "from Python, late", "from a child"]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[Measurement, TensorFlow]]:
    """Measure a made-up workload with a made-up TensorFlow."""

    def run(module: Any, devices: tuple[str, ...] = ("/device:CPU:0",)) -> tuple[Measurement, TensorFlow]:
        tensorflow = TensorFlow(list(devices))
        monkeypatch.setitem(sys.modules, "tensorflow", tensorflow)
        measuring = Measuring(CASE, module, Params())
        for _ in range(CASE.timing.cycles):
            measuring.slice(Waited(0.5, 0.001))
        return measuring.end(held=False), tensorflow

    return run


Run = Callable[..., tuple[Measurement, TensorFlow]]


def test_an_answer_tells_what_a_turn_came_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tensorflow", TensorFlow(["/device:CPU:0"]))
    measuring = Measuring(CASE, made_up(lambda: 1, work=Work(7.0, "example")), Params())
    orders = io.StringIO(to_line(Order("slice")) + "\n" + to_line(Order("end")) + "\n")
    answers = io.StringIO()
    assert take_turns(measuring, orders, answers) == 0
    ready, sliced, finished = map(json.loads, answers.getvalue().splitlines())
    assert (ready["answer"], finished["answer"]) == ("ready", "finished")
    taken = finished["measurement"]["slices"][0]
    assert sliced == {
        "answer": "sliced",
        "calls": len(taken["samples"]) * finished["measurement"]["calls_per_sample"],
        "wall_s": taken["wall_s"],
        "typical_s": statistics.median(taken["samples"]),
        "ramp_s": taken["ramp_s"],
        "work": 7.0,
    }


def test_only_pools_that_the_case_names_are_set(run: Run) -> None:
    _, tensorflow = run(made_up(lambda: 1))
    assert tensorflow.set == {"intra": 2}


def test_the_first_and_the_last_output_are_checked(run: Run) -> None:
    calls = itertools.count(1)
    seen: list[Any] = []

    def check(output: int) -> Check:
        seen.append(output)
        return PASSED

    measurement, _ = run(made_up(lambda: next(calls), check, check))
    assert seen == [1, next(calls) - 1]
    assert measurement.check == PASSED


@pytest.mark.parametrize("when", ["check_first", "check_last"])
def test_a_wrong_output_is_a_measurement_that_did_not_pass(run: Run, when: str) -> None:
    failed = Check(False, None, 0.1, "none")
    measurement, _ = run(made_up(lambda: 1, **{when: lambda _: failed}))
    assert measurement.check == failed
    assert json.loads(to_json(measurement))["check"]["error"] is None


def test_a_traced_call_shows_no_traces_while_timed(run: Run) -> None:
    assert run(made_up(Traced()))[0].observed.traces == 0
    assert run(made_up(lambda: 1))[0].observed.traces is None


def test_retracing_while_timed_is_seen(run: Run) -> None:
    traces = run(made_up(Traced(traces=10**9)))[0].observed.traces
    assert traces is not None
    assert traces > 0


def test_a_gpu_is_waited_for_and_a_cpu_is_not(run: Run) -> None:
    assert run(made_up(lambda: 1))[1].syncs == 0
    measurement, tensorflow = run(made_up(lambda: 1), ("/device:CPU:0", "/device:GPU:0"))
    slices = measurement.slices
    assert tensorflow.syncs == 1 + len(measurement.warmup) + len(slices) + len(measurement.samples)


def test_the_phases_of_a_launch_cover_its_time(run: Run) -> None:
    measurement, _ = run(made_up(lambda: 1))
    phases = asdict(measurement.phases)
    assert all(seconds >= 0 for seconds in phases.values())
    assert phases["timing_s"] >= sum(entry.ramp_s + entry.wall_s for entry in measurement.slices)
    assert measurement.calls_per_sample * min(measurement.samples) >= CASE.timing.min_sample_s / 20


def test_each_turn_is_a_slice_of_its_own_and_says_how_the_launch_waited(run: Run) -> None:
    slices = run(made_up(lambda: 1))[0].slices
    assert len(slices) == CASE.timing.cycles
    assert all(entry.samples and entry.wall_s >= CASE.timing.slice_s and entry.ramp_s > 0 for entry in slices)
    assert {(entry.idle_s, entry.idle_cpu_s) for entry in slices} == {(0.5, 0.001)}
    assert [entry.started_s for entry in slices] == sorted(entry.started_s for entry in slices)
    assert slices[1].started_s >= slices[0].started_s + slices[0].wall_s


def test_a_workload_that_raises_raises(run: Run) -> None:
    def call() -> int:
        raise RuntimeError("out of luck")

    with pytest.raises(RuntimeError, match="out of luck"):
        run(made_up(call))
