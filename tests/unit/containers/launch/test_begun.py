"""A launch from its start to its end, as a real process without a container and without TensorFlow."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from containers.launch.begun import Begun
from containers.launch.outcome import judge
from containers.launch.outside_container import HostProcess
from containers.launch.prepared import Launch
from tests.made.measured_process import CASE, command
from workloads.harness.supervisor import LEAST_CPU_S
from workloads.vocabulary.record import ImageIdentity, Setting, Status

LAUNCH = Launch(Setting("0", {}, {}), ImageIdentity("cpu", "0", "0"), CASE, {}, [], "0", None, container=False)


def begin(fault: str, timeout_s: float = 60.0) -> Begun:
    begun = Begun(LAUNCH, timeout_s)
    begun.given(HostProcess(command(fault)))
    return begun


@pytest.fixture
def started(request: pytest.FixtureRequest) -> Iterator[Begun]:
    """A launch with the fault that the test names."""
    begun = begin(request.param)
    yield begun
    begun.remove()


def take_turns(begun: Begun, number: int, pause_s: float = 0.1) -> list[bool]:
    """Whether each turn was taken; the launch waits before each."""
    taken = []
    for _ in range(number):
        time.sleep(pause_s)
        taken.append(begun.slice() is not None)
    return taken


def ended(begun: Begun, timeout_s: float = 60.0) -> tuple[Status, str]:
    """Its status and the failure's words."""
    assert begun.ending is not None
    status, _, failure = judge(begun.ending, timeout_s)
    return status, "" if failure is None else "\n".join([failure.message, *failure.stderr])


@pytest.mark.parametrize("started", ["none"], indirect=True)
def test_a_launch_takes_its_turns_and_gives_its_measurement(started: Begun) -> None:
    assert started.wait_until_ready()
    assert started.peak_rss_bytes > 10**6
    time.sleep(0.2)
    answers = [started.slice() for _ in range(3)]
    assert all(answer is not None and answer.calls > 0 and answer.wall_s >= 0.02 for answer in answers)
    started.finish()
    assert started.ending is not None
    status, measurement, _ = judge(started.ending, 60.0)
    assert status == "ok"
    assert measurement is not None
    assert len(measurement.slices) == 3
    assert measurement.slices[0].idle_s >= 0.1  # its own clock starts a little later than the wait
    spent = [taken.idle_cpu_s for taken in measurement.slices]
    # One that computed would have used all of this time, on however loud a machine.
    assert sum(entry for entry in spent if entry is not None) < 0.5 * sum(taken.idle_s for taken in measurement.slices)
    assert None not in spent
    assert measurement.held == (sum(entry for entry in spent if entry is not None) > LEAST_CPU_S)
    assert 0 < started.life_s <= started.wall_s


@pytest.mark.parametrize("started", ["busy"], indirect=True)
def test_a_launch_that_computes_while_it_waits_is_held_still_from_then_on(started: Begun) -> None:
    assert started.wait_until_ready()
    assert take_turns(started, 3, pause_s=0.3) == [True] * 3
    started.finish()
    assert started.ending is not None
    _, measurement, _ = judge(started.ending, 60.0)
    assert measurement is not None
    assert measurement.held
    first, *others = [taken.idle_cpu_s or 0.0 for taken in measurement.slices]
    assert first > 0.03
    assert max(others) < first / 3


@pytest.mark.parametrize(
    ("fault", "status", "says"),
    [
        ("abort", "aborted", "SIGABRT"),
        ("exit", "failed", "exit status 7"),
        ("leave-and-exit", "failed", "exit status 7"),
        ("raise", "failed", "out of luck"),
        ("nonsense", "no_record", "not asked for: no answer at all"),
        ("flood", "no_record", "not asked for: xxx"),
        ("refuse", "failed", "cannot run this case"),
    ],
)
def test_an_end_in_the_middle_has_its_type_and_words(fault: str, status: Status, says: str) -> None:
    begun = begin(fault)
    if begun.wait_until_ready():
        assert take_turns(begun, 2) == [False, False]
    record, words = ended(begun)
    assert record == status
    assert says in words
    begun.finish()
    assert ended(begun) == (record, words), "an end is final"


def test_a_slice_that_does_not_end_is_a_timeout_and_leaves_nothing_behind() -> None:
    begun = begin("hang", timeout_s=3.0)
    assert begun.wait_until_ready()
    assert take_turns(begun, 1) == [False]
    assert ended(begun, 3.0) == ("timeout", "ended after its 3 s")
    assert left_over() == []


def test_time_in_which_others_have_their_turns_is_not_its_own() -> None:
    begun = begin("none", timeout_s=2.0)
    assert begun.wait_until_ready()
    assert take_turns(begun, 2, pause_s=1.2) == [True, True]
    begun.finish()
    assert ended(begun, 2.0)[0] == "ok"


@pytest.mark.parametrize("started", ["leave"], indirect=True)
def test_what_a_launch_leaves_running_ends_with_it_and_does_not_hold_it_up(started: Begun) -> None:
    assert started.wait_until_ready()
    assert take_turns(started, 1) == [True]
    started.finish()
    assert ended(started)[0] == "ok"
    assert left_over() == []


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_a_worker_that_a_signal_ends_is_told_by_its_name(number: signal.Signals) -> None:
    begun = begin("none")
    assert begun.wait_until_ready()
    (worker,) = [process for process in processes() if "--worker" in words_of(process)]
    os.kill(worker, number)
    assert begun.slice() is None
    assert ended(begun) == ("signal", f"ended by {number.name}")


def test_a_runner_that_is_gone_ends_the_launch() -> None:
    begun = begin("none")
    assert begun.wait_until_ready()
    assert begun._process is not None
    begun._process.channel.close()
    left = left_over()
    begun.remove()
    assert left == []


def left_over() -> list[int]:
    """What goes on once the kernel has had the time to end what was killed."""
    deadline = time.monotonic() + 30
    while processes() and time.monotonic() < deadline:
        time.sleep(0.02)
    return processes()


def processes() -> list[int]:
    """The processes of these tests' launches that go on."""
    results = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]
    return [process for process in results if "tests.made.measured_process" in words_of(process)]


def words_of(process: int) -> list[str]:
    try:
        return Path(f"/proc/{process}/cmdline").read_text().split("\0")
    except OSError:
        return []
