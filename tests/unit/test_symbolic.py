"""Symbolic values on machines that nobody has to own."""

import pytest

from containers.errors import ConfigError
from containers.symbolic import Counts, known_knob, resolve
from workloads.knobs import CATALOGUE

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
    assert resolve(CATALOGUE["intra_op"], written, LAPTOP, "here") == resolved


@pytest.mark.parametrize("written", ["many", "cores*2", "0*cores", "cores/0", "", "2cores", "__import__('os')"])
def test_what_does_not_parse_is_refused_with_its_place(written: str) -> None:
    with pytest.raises(ConfigError, match=r"config: here\.intra_op: .* is no number of threads"):
        resolve(CATALOGUE["intra_op"], written, LAPTOP, "here")


def test_an_environment_variable_takes_any_text() -> None:
    assert resolve(CATALOGUE["ONEDNN_MAX_CPU_ISA"], "AVX2", LAPTOP, "here") == "AVX2"
    assert resolve(CATALOGUE["TF_ENABLE_ONEDNN_OPTS"], 0, LAPTOP, "here") == "0"


def test_a_variable_that_counts_threads_may_be_symbolic() -> None:
    assert resolve(CATALOGUE["OMP_NUM_THREADS"], "cores", LAPTOP, "here") == 8


@pytest.mark.parametrize("written", [0, 9, "2*cores"])
def test_cpus_that_the_machine_does_not_have_are_refused(written: int | str) -> None:
    with pytest.raises(ConfigError, match="this machine has 1 to 8"):
        resolve(CATALOGUE["cpus"], written, LAPTOP, "here")


def test_an_unknown_knob_is_refused_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"unknown knob 'OMP_NUM_THREAD'; did you mean 'OMP_NUM_THREADS'\?"):
        known_knob("OMP_NUM_THREAD", "sweeps.openmp")
