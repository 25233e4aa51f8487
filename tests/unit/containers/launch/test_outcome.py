"""Each way for a container to end gets its status."""

import json
from dataclasses import asdict, replace

import pytest

from containers.launch.outcome import Ending, judge
from tests.made.records import MEASUREMENT
from workloads.vocabulary.record import FORMAT, Check, Status, to_json

ANSWER = to_json(MEASUREMENT).encode()
GOOD = Ending(0, False, False, None, ANSWER, None, b"some\nnoise\n")


def without(key: str) -> bytes:
    return json.dumps({name: value for name, value in asdict(MEASUREMENT).items() if name != key}).encode()


@pytest.mark.parametrize(
    ("ending", "status", "says"),
    [
        (replace(GOOD, exit_code=1), "failed", "exit status 1"),
        (replace(GOOD, exit_code=255), "failed", "exit status 255"),
        (replace(GOOD, exit_code=134), "aborted", "SIGABRT"),
        (replace(GOOD, exit_code=139), "signal", "SIGSEGV"),
        (replace(GOOD, exit_code=137), "signal", "SIGKILL"),
        (replace(GOOD, exit_code=137, killed=True), "killed", "from outside its container"),
        (replace(GOOD, exit_code=137, out_of_memory=True), "out_of_memory", "memory limit"),
        (replace(GOOD, exit_code=137, timed_out=True), "timeout", "after its 5 s"),
        (replace(GOOD, exit_code=137, nonsense="hello"), "no_record", "not asked for: hello"),
        (replace(GOOD, exit_code=None, refused="no driver"), "no_device", "no driver"),
        (replace(GOOD, measurement=None), "no_record", "without a measurement"),
        (replace(GOOD, measurement=b""), "no_record", "no valid measurement"),
        (replace(GOOD, measurement=ANSWER.replace(b"[0.01,0.01]", b"[0.01,-0.01]")), "no_record", "the clock"),
        (replace(GOOD, measurement=ANSWER.replace(b"[0.01,0.01]", b"[]")), "no_record", "the clock"),
        (replace(GOOD, measurement=ANSWER.replace(b'"wall_s":0.02', b'"wall_s":0')), "no_record", "the clock"),
        (replace(GOOD, measurement=without("slices")), "no_record", "slices"),
        (
            replace(GOOD, measurement=ANSWER.replace(f'"format":{FORMAT}'.encode(), b'"format":99')),
            "no_record",
            "format 99",
        ),
        (replace(GOOD, measurement=ANSWER.replace(b"0.01", b"NaN", 1)), "no_record", "no valid measurement"),
    ],
)
def test_a_launch_that_failed_has_a_status_and_a_reason(ending: Ending, status: Status, says: str) -> None:
    verdict, measurement, failure = judge(ending, timeout_s=5.0)
    assert (verdict, measurement) == (status, None)
    assert failure is not None
    assert says in failure.message
    assert failure.stderr == ["some", "noise"]


def test_a_good_launch_is_ok() -> None:
    assert judge(GOOD, 5.0) == ("ok", MEASUREMENT, None)


def test_a_wrong_output_keeps_its_measurement() -> None:
    wrong = replace(MEASUREMENT, check=Check(False, 0.5, 1e-5, "NumPy"))
    status, measurement, failure = judge(replace(GOOD, measurement=to_json(wrong).encode()), 5.0)
    assert (status, measurement) == ("wrong_output", wrong)
    assert failure is not None
    assert failure.message == "output error 0.5, more than 1e-05, against NumPy"


def test_of_a_long_stderr_the_last_lines_are_kept_and_cut() -> None:
    noisy = replace(GOOD, exit_code=1, stderr=b"\n".join([b"x" * 10_000] * 100) + b"\nlast \xff\n")
    failure = judge(noisy, 5.0)[2]
    assert failure is not None
    assert failure.stderr[-1] == "last �"
    assert sum(len(line) for line in failure.stderr) < 10_000
