"""Symbolic values on machines that nobody has to own."""

import pytest

from containers.plan.symbolic import Counts, resolve
from workloads.harness.contract import Choice, Whole
from workloads.vocabulary.errors import ConfigError
from workloads.vocabulary.record import KnobValue

LAPTOP = Counts(cores=8, physical=4)


@pytest.mark.parametrize(
    ("written", "resolved"),
    [
        (3, 3),
        (-1, -1),  # what TensorFlow does with it is a result, not a mistake of the config
        ("cores", 8),
        ("2*cores", 16),
        ("cores/2", 4),
        ("3 * cores / 2", 12),
        ("physical", 4),
        ("cores/100", 1),
        ("default", None),
    ],
)
def test_a_number_of_threads_is_resolved_on_the_machine(written: int | str, resolved: int | None) -> None:
    assert resolve("intra_op", written, LAPTOP, "here", {}) == resolved


@pytest.mark.parametrize("written", ["many", "cores*2", "0*cores", "cores/0", "", "2cores", "__import__('os')"])
def test_what_does_not_parse_is_refused_with_its_place(written: str) -> None:
    with pytest.raises(ConfigError, match=r"config: here\.intra_op: .* is no number of threads"):
        resolve("intra_op", written, LAPTOP, "here", {})


def test_an_environment_variable_takes_any_text() -> None:
    assert resolve("ONEDNN_MAX_CPU_ISA", "AVX2", LAPTOP, "here", {}) == "AVX2"
    assert resolve("TF_ENABLE_ONEDNN_OPTS", 0, LAPTOP, "here", {}) == "0"


def test_a_variable_that_counts_threads_may_be_symbolic() -> None:
    assert resolve("OMP_NUM_THREADS", "cores", LAPTOP, "here", {}) == 8


@pytest.mark.parametrize("written", [0, 9, "2*cores"])
def test_cpus_that_the_machine_does_not_have_are_refused(written: int | str) -> None:
    with pytest.raises(ConfigError, match="this machine has 1 to 8"):
        resolve("cpus", written, LAPTOP, "here", {})


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("OMP_NUM_THREAD", r"unknown knob 'OMP_NUM_THREAD'; did you mean 'OMP_NUM_THREADS'\?"),
        ("prefetch", "neither in the catalogue nor a parameter"),  # a parameter, which these workloads do not have
        ("bath", r"did you mean 'batch'\?"),
        ("env:", "'' is no name of an environment variable"),
        ("env:A=B", "'A=B' is no name"),
        ("env:OMP_NUM_THREADS", "is in the catalogue; write it without 'env:'"),
    ],
)
def test_an_unknown_knob_is_refused_with_the_nearest(name: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        resolve(name, 1, LAPTOP, "sweeps.openmp", {"batch": [Whole(1, 64)]})


def test_any_other_variable_is_set_as_it_is_written() -> None:
    assert resolve("env:MY_OWN", "cores", LAPTOP, "here", {}) == "cores"
    assert resolve("env:MY_OWN", 7, LAPTOP, "here", {}) == "7"


@pytest.mark.parametrize(
    ("written", "resolved"),
    [(4, 4), ("cores", 8), ("physical", 4), ("auto", "auto"), (False, False), ("default", None)],
)
def test_a_parameter_of_the_workloads_may_be_symbolic(written: bool | int | str, resolved: KnobValue) -> None:
    assert resolve("threads", written, LAPTOP, "here", {"threads": [Allowed()]}) == resolved


class Allowed(Whole):
    """Allows what this test writes."""

    def __init__(self) -> None:
        super().__init__(0, 99)

    def holds(self, value: object) -> bool:
        """Any of the test's own values."""
        return value in (4, 8, "auto", False)


@pytest.mark.parametrize(("written", "allowed"), [(65, Whole(1, 64)), (True, Whole(0, 1)), (1, Choice((False, True)))])
def test_a_parameter_out_of_its_range_is_refused_with_the_range(written: bool | int, allowed: Whole | Choice) -> None:
    with pytest.raises(ConfigError, match=rf"here: batch: {written!r} is not (a whole number from|one of)"):
        resolve("batch", written, LAPTOP, "here", {"batch": [Whole(0, 99), allowed]})


@pytest.mark.parametrize(
    ("name", "written", "says"),
    [
        ("allocator", "tcmaloc", r"unknown allocator 'tcmaloc'; did you mean 'tcmalloc'\?"),
        ("cpu_quota", 0, "no percentage of one CPU"),
        ("co_runners", -1, "no number from 0 upwards"),
        ("concurrency", 0, "no number from 1 upwards"),
        ("TF_ENABLE_ONEDNN_OPTS", True, "write 'true', 'false', '1' or '0' in quotes"),
        ("intra_op", True, "is not allowed"),
    ],
)
def test_a_value_that_a_knob_cannot_have_is_refused(name: str, written: bool | int | str, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        resolve(name, written, LAPTOP, "here", {})
