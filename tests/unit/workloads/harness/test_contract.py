"""What every workload's file keeps to, and how outputs are held against references. No TensorFlow."""

from __future__ import annotations

import math
import subprocess
import sys
from dataclasses import dataclass, fields

import numpy as np
import pytest

from workloads.harness.contract import Parameters, compare, find, known, tolerance, whole, worst
from workloads.vocabulary.record import Check


@dataclass(frozen=True)
class Sizes(Parameters):
    """An example."""

    rows: int = whole(4, 1, 16)
    columns: int = whole(8, 0, 32)


def test_the_workloads_are_found_by_what_their_files_hold() -> None:
    assert {"branches", "conv", "matmul", "mlp_training"} <= set(known())
    assert not {"record", "knobs", "worker", "workload", "timing", "observe"} & set(known())


@pytest.mark.parametrize("name", known())
def test_a_workload_has_defaults_within_its_ranges_and_says_what_it_measures(name: str) -> None:
    module = find(name)
    assert fields(module.Params())
    text = module.__doc__ or ""
    assert "\nWork: " in text
    assert "\nCheck: " in text


def test_parameters_can_be_checked_where_tensorflow_is_not_installed() -> None:
    """Not even if it is: importing it would take seconds of every plan."""
    code = """
import sys
from workloads.harness.contract import find, known
for name in known():
    find(name).Params()
print("tensorflow" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


@pytest.mark.parametrize("name", ["matmull", "worker", "no.such", "", "../record"])
def test_an_unknown_workload_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no such workload"):
        find(name)


def test_the_nearest_workload_is_named() -> None:
    with pytest.raises(ValueError, match="matmull: no such workload; did you mean 'matmul'"):
        find("matmull")


def test_parameters_that_are_not_given_keep_their_defaults() -> None:
    assert Sizes.of({"rows": 1}) == Sizes(rows=1, columns=8)


def test_an_unknown_parameter_is_refused_with_the_nearest() -> None:
    with pytest.raises(ValueError, match="row: no such parameter; did you mean 'rows'"):
        Sizes.of({"row": 1})


@pytest.mark.parametrize("value", [0, 17, -1, 2.0, "2", None, True, [2]])
def test_a_parameter_out_of_its_range_is_refused_by_name(value: object) -> None:
    with pytest.raises(ValueError, match=r"rows: .* is not a whole number from 1 to 16"):
        Sizes.of({"rows": value})


def test_examples_that_do_not_fill_a_batch_are_refused() -> None:
    with pytest.raises(ValueError, match="examples: 100 do not fill one batch of 128"):
        find("mlp_training").Params.of({"examples": 100})


def test_an_output_passes_within_the_allowed_error_and_no_further() -> None:
    reference = np.array([3.0, 4.0])
    assert compare([3.0, 4.05], reference, 0.01, "r") == Check(True, pytest.approx(0.01), 0.01, "r")
    assert compare([3.0, 4.06], reference, 0.01, "r") == Check(False, pytest.approx(0.012), 0.01, "r")
    assert compare(reference, reference, 0.01, "r") == Check(True, 0.0, 0.01, "r")


@pytest.mark.parametrize("output", [[3.0, math.nan], [math.inf, 4.0], [3.0], [[3.0, 4.0]], []])
def test_what_is_not_finite_or_not_of_the_shape_fails_without_an_error_that_json_has_not(output: list[float]) -> None:
    assert compare(output, [3.0, 4.0], 0.01, "r") == Check(False, None, 0.01, "r")


def test_against_a_reference_of_zeros_the_error_is_absolute() -> None:
    assert compare([0.0, 0.0], [0.0, 0.0], 0.01, "r").passed
    assert not compare([0.0, 0.5], [0.0, 0.0], 0.01, "r").passed


def test_the_worst_check_is_one_that_failed_or_the_one_with_the_largest_error() -> None:
    good, better, blind = Check(True, 0.02, 0.1, "a"), Check(True, 0.01, 0.1, "b"), Check(True, None, 0.1, "c")
    failed = Check(False, None, 0.1, "d")
    assert worst(better, good, blind) is good
    assert worst(blind, better) is better
    assert worst(good, failed) is failed


def test_bf16_inputs_pass_and_a_lost_term_does_not() -> None:
    """2.4e-3 is the error of a product of standard normal inputs rounded to 8 bits."""
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((2, 256, 256))
    exact = a @ b
    assert 2.0e-3 < np.linalg.norm(_bf16(a) @ _bf16(b) - exact) / np.linalg.norm(exact) < 2.8e-3
    assert compare(_bf16(a) @ _bf16(b), exact, tolerance(1), "r").passed
    assert not compare(a[:, 1:] @ b[1:], exact, tolerance(1), "r").passed


def _bf16(values: np.ndarray) -> np.ndarray:
    bits = values.astype(np.float32).view(np.uint32)
    return ((bits + 0x8000) & 0xFFFF0000).view(np.float32).astype(np.float64)
