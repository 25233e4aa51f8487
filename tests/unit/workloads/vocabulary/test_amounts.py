"""Numbers, times, sizes and counts read alike everywhere."""

from __future__ import annotations

import pytest

from workloads.vocabulary.amounts import UNKNOWN, count, digits, duration, rough_duration, size


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        *((1, "1.00"), (0.9996, "1.00"), (9.996, "10.0"), (123.4, "123"), (1234.5, "1230"), (0.01234, "0.0123")),
        *((0, "0"), (None, UNKNOWN), (float("nan"), UNKNOWN), (float("inf"), UNKNOWN)),
    ],
)
def test_numbers_have_three_significant_digits(value: float | None, expected: str) -> None:
    assert digits(value) == expected


@pytest.mark.parametrize(
    ("seconds", "measured", "expected"),
    [
        (0, "0 s", "0 s"),
        (89.4, "89.4 s", "89 s"),
        (90, "1 min 30 s", "2 min"),
        (600, "10 min 00 s", "10 min"),
        (3 * 3600 + 300, "3 h 05 min", "3 h 05 min"),
    ],
)
def test_an_expected_time_reads_rougher_than_a_measured_one(seconds: float, measured: str, expected: str) -> None:
    assert (duration(seconds), rough_duration(seconds)) == (measured, expected)


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0 kB"), (7000, "7.00 kB"), (999_999, "1000 kB"), (10**6, "1.00 MB"), (1_374_000_000, "1.37 GB")],
)
def test_sizes_are_in_decimal_units(number: int, text: str) -> None:
    assert size(number) == text


def test_a_count_names_its_things() -> None:
    assert [count(number, thing) for number, thing in ((1, "launch"), (2, "launch"), (0, "round"))] == [
        *("1 launch", "2 launches", "0 rounds")
    ]
