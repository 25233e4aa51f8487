"""Several instances of a workload in one launch: real processes without a container and without TensorFlow."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from containers.launch.begun import Begun
from containers.launch.outcome import judge
from containers.launch.outside_container import HostProcess
from containers.launch.prepared import Launch
from tests.made.made_up_workload import Params, TensorFlow, made_up
from tests.made.measured_process import CASE, command
from workloads.harness import timing
from workloads.harness.instances import cases_of, main
from workloads.harness.measuring import Measuring, Waited
from workloads.harness.neighbours import Neighbours
from workloads.vocabulary.cpu_parts import parts_of
from workloads.vocabulary.protocol import Sliced
from workloads.vocabulary.record import Case, ImageIdentity, Measurement, Setting, Status, Timing, to_json
from workloads.vocabulary.slice import Slice

CPUS = sorted(os.sched_getaffinity(0))
TWO = replace(CASE, instances=2)
SETTING, IMAGE = Setting("0", {}, {}), ImageIdentity("cpu", "0", "0")

needs_two = pytest.mark.skipif(len(CPUS) < 2, reason="two instances need two CPUs")


def begin(fault: str) -> Begun:
    begun = Begun(Launch(SETTING, IMAGE, TWO, {}, [], "0", None, container=False), timeout_s=60.0)
    begun.given(HostProcess(command(fault, TWO)))
    return begun


@pytest.fixture
def started(request: pytest.FixtureRequest) -> Iterator[Begun]:
    """A launch of two instances with the fault that the test names."""
    begun = begin(getattr(request, "param", "none"))
    yield begun
    begun.remove()


def sliced(begun: Begun, number: int) -> list[Sliced | None]:
    results = []
    for _ in range(number):
        time.sleep(0.1)
        results.append(begun.slice())
    return results


def ended(begun: Begun) -> tuple[Status, Measurement | None, str]:
    assert begun.ending is not None
    status, measurement, failure = judge(begun.ending, 60.0)
    return status, measurement, "" if failure is None else "\n".join([failure.message, *failure.stderr])


@needs_two
def test_two_instances_answer_as_one_launch_whose_speeds_add_up(started: Begun) -> None:
    assert started.wait_until_ready()
    answers = [entry for entry in sliced(started, 3) if entry is not None]
    started.finish()
    status, measurement, _ = ended(started)
    assert status == "ok"
    assert measurement is not None
    assert len(answers) == len(measurement.slices) == 3
    for answer, taken in zip(answers, measurement.slices, strict=True):
        calls = [share.samples * measurement.calls_per_sample for share in taken.shares]
        assert len(calls) == 2
        assert len(taken.samples) * measurement.calls_per_sample == sum(calls) == answer.calls
        speed = sum(number / share.wall_s for number, share in zip(calls, taken.shares, strict=True))
        assert answer.calls / answer.wall_s == pytest.approx(speed)
        assert answer.wall_s == taken.wall_s
        # Each call sleeps for a millisecond: two at a time come every half.
        assert 0.0005 <= answer.typical_s < 0.5 * max(taken.samples) + 1e-9
        assert taken.cpu_s == pytest.approx(sum(share.cpu_s for share in taken.shares), abs=2e-6)
    assert measurement.observed.cpus == CPUS
    assert started.peak_rss_bytes > 2 * 10**6
    assert measurement.usage.peak_rss_bytes >= started.peak_rss_bytes


@needs_two
def test_each_instance_may_have_several_threads() -> None:
    case = replace(TWO, concurrency=2)
    begun = Begun(Launch(SETTING, IMAGE, case, {}, [], "0", None, container=False), timeout_s=60.0)
    begun.given(HostProcess(command("none", case)))
    assert begun.wait_until_ready()
    assert None not in sliced(begun, 2)
    begun.finish()
    status, measurement, _ = ended(begun)
    assert status == "ok"
    assert measurement is not None
    for taken in measurement.slices:
        assert [share.samples > 0 for share in taken.shares] == [True] * 4
        assert sum(share.samples for share in taken.shares) == len(taken.samples)


@needs_two
def test_each_instance_is_pinned_to_its_own_cpus(started: Begun) -> None:
    assert started.wait_until_ready()
    workers = [int(process) for process in processes("--worker")]
    pinned = sorted(sorted(os.sched_getaffinity(worker)) for worker in workers)
    assert pinned == parts_of(CPUS, 2)
    threads = [int(task.name) for worker in workers for task in Path(f"/proc/{worker}/task").iterdir()]
    assert all(sorted(os.sched_getaffinity(thread)) in pinned for thread in threads)


@needs_two
@pytest.mark.parametrize("started", ["busy@1"], indirect=True)
def test_all_instances_are_held_still_where_one_computes_while_it_waits(started: Begun) -> None:
    assert started.wait_until_ready()
    time.sleep(0.2)
    assert None not in sliced(started, 3)
    started.finish()
    _, measurement, _ = ended(started)
    assert measurement is not None
    assert measurement.held
    first, *others = [taken.idle_cpu_s or 0.0 for taken in measurement.slices]
    assert max(others) < first / 3


@needs_two
@pytest.mark.parametrize(
    ("fault", "status", "says"),
    [
        ("abort@1", "aborted", "SIGABRT"),
        ("exit@0", "failed", "exit status 7"),
        ("leave-and-exit@1", "failed", "exit status 7"),
        ("raise@1", "failed", "out of luck"),
        ("nonsense@1", "no_record", "not asked for: no answer at all"),
        ("flood@0", "no_record", "not asked for: xxx"),
        ("refuse@1", "failed", "cannot run this case"),
    ],
)
def test_the_end_of_one_instance_is_the_end_of_all_with_its_type_and_words(
    fault: str, status: Status, says: str
) -> None:
    begun = begin(fault)
    if begun.wait_until_ready():
        assert sliced(begun, 2) == [None, None]
    record, _, words = ended(begun)
    assert record == status
    assert says in words
    assert left_over() == []


@needs_two
@pytest.mark.parametrize("started", ["leave@1"], indirect=True)
def test_what_an_instance_leaves_running_ends_with_the_launch(started: Begun) -> None:
    assert started.wait_until_ready()
    assert None not in sliced(started, 1)
    started.finish()
    assert ended(started)[0] == "ok"
    assert left_over() == []


def left_over() -> list[str]:
    """What goes on once the kernel has had the time to end what was killed."""
    deadline = time.monotonic() + 30
    while processes() and time.monotonic() < deadline:
        time.sleep(0.02)
    return processes()


def processes(part: str = "tests.made.measured_process") -> list[str]:
    """Those of launches of two instances that go on, of that part."""
    results = []
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_text().split("\0")
        except (OSError, UnicodeDecodeError):
            continue
        if entry.name.isdecimal() and part in words and '"instances": 2' in " ".join(words).replace(":2", ": 2"):
            results.append(entry.name)
    return results


class Timeline:
    """When each instance called, and when its calls counted."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls: dict[str, list[tuple[float, float]]] = {}
        self.counted: dict[str, list[tuple[float, float]]] = {}
        counted = timing.Timer.counted

        def noted(timer: timing.Timer, calls: int) -> timing.Counted:
            start = time.monotonic()
            timed = counted(timer, calls)
            self.counted.setdefault(threading.current_thread().name, []).append((start, time.monotonic()))
            return timed

        monkeypatch.setattr(timing.Timer, "counted", noted)

    def call(self) -> int:
        """Take as long as the instance's name says, in milliseconds."""
        name, start = threading.current_thread().name, time.monotonic()
        time.sleep(float(name) / 1e3)
        self.calls.setdefault(name, []).append((start, time.monotonic()))
        return 1

    def rests(self, name: str, span: tuple[float, float]) -> float:
        """The longest time within a span in which an instance made no call."""
        begin, end = span
        inside = [
            (max(begin, start), min(end, stop)) for start, stop in self.calls[name] if start < end and stop > begin
        ]
        edges = [begin, *(edge for call in inside for edge in call), end]
        return max(after - before for before, after in zip(edges[::2], edges[1::2], strict=True))


def test_no_call_counts_while_another_instance_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    """One needs 2 ms a call; the other 45, and it begins later and ends later."""
    monkeypatch.setitem(sys.modules, "tensorflow", TensorFlow(["/device:CPU:0"]))
    timeline, page = Timeline(monkeypatch), memoryview(bytearray(32))
    slices: dict[str, list[Slice]] = {}

    def instance(place: int, late_s: float) -> None:
        case = Case("matmul", {}, None, None, Timing(0.0, 0.05, 2, 0.001), seed=1)
        measuring = Measuring(case, made_up(timeline.call), Params(), [Neighbours(page, place, 2)])
        for _ in range(2):
            time.sleep(late_s)
            slices.setdefault(threading.current_thread().name, []).append(measuring.slice(Waited(0.0, None)))

    threads = [
        threading.Thread(target=instance, args=(place, late_s), name=name)
        for place, (name, late_s) in enumerate({"2": 0.0, "45": 0.1}.items())
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for name, other in (("2", "45"), ("45", "2")):
        assert len(timeline.counted[name]) == 2
        assert max(timeline.rests(other, span) for span in timeline.counted[name]) < 0.02
    assert min(taken.ramp_s for taken in slices["2"]) > 0.09, "it waited, and called meanwhile"
    assert [len(taken.samples) > 5 for taken in slices["2"]] == [True, True]


@pytest.mark.parametrize(
    ("cpus", "instances", "parts"),
    [
        ([0, 1], 2, [[0], [1]]),
        ([0, 2, 4, 6], 2, [[0, 2], [4, 6]]),
        ([3, 5, 7], 2, [[3], [5, 7]]),
        ([0, 1, 2], 1, [[0, 1, 2]]),
    ],
)
def test_each_instance_has_its_part_of_the_cpus_in_their_order(
    cpus: list[int], instances: int, parts: list[list[int]]
) -> None:
    assert parts_of(cpus, instances) == parts


def test_co_runners_are_shared_out() -> None:
    cases = [json.loads(text)["co_runners"] for text in cases_of(to_json(replace(CASE, co_runners=3)), 2)]
    assert sorted(cases) == [1, 2]


def test_more_instances_than_cpus_end_with_one_sentence_and_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([to_json(replace(CASE, instances=len(CPUS) + 1))]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert f"{len(CPUS) + 1} instances need as many CPUs" in line
