"""How numbers and settings are written in figures and the report: three significant digits, units always."""

import math
from collections.abc import Sequence

from workloads.vocabulary.amounts import UNKNOWN, count, digits
from workloads.vocabulary.record import Setting

TIMES = "\N{MULTIPLICATION SIGN}"

# A ratio above this says no more than "more than we can tell".
BEYOND = 100.0

_PREFIXES = {1e12: "T", 1e9: "G", 1e6: "M", 1e3: "k", 1.0: ""}


def ratio(value: float | None) -> str:
    """A speed-up: 1.23 and the multiplication sign."""
    return UNKNOWN if value is None or math.isnan(value) else f"{digits(value)}{TIMES}"


def interval(low: float | None, high: float | None) -> str:
    """An interval of speed-ups: 1.19 to 1.27."""
    if low is None or high is None or math.isnan(low) or math.isnan(high):
        return UNKNOWN
    return f"{_bound(low)} to {_bound(high)}"


def _bound(value: float) -> str:
    if value > BEYOND:
        return f"> {BEYOND:.0f}"
    return f"< {1 / BEYOND:g}" if value < 1 / BEYOND else digits(value)


def difference(value: float | None) -> str:
    """The difference that a ratio > 1 stands for: 1.043 is 4.30 %."""
    if value is None or math.isnan(value):
        return UNKNOWN
    return "> 100 times" if value > BEYOND else f"{digits(100 * (value - 1))} %"


def p_value(value: float | None) -> str:
    """A p-value; below 0.001 only that."""
    if value is None or math.isnan(value):
        return UNKNOWN
    return "< 0.001" if value < 0.001 else digits(value)


def error(value: float | None) -> str:
    """A relative error: 2.5e-03."""
    return UNKNOWN if value is None or math.isnan(value) else f"{value:.1e}"


def share(part: float, whole: float) -> str:
    """A part in percent of a whole."""
    return f"{digits(100 * part / whole)} %" if whole else UNKNOWN


def call_time(seconds: float | None) -> str:
    """The time of one call: 37.1 ms."""
    if seconds is None or math.isnan(seconds):
        return UNKNOWN
    if seconds >= 1:
        return f"{digits(seconds)} s"
    return f"{digits(seconds * 1e3)} ms" if seconds >= 1e-3 else f"{digits(seconds * 1e6)} µs"


def amount(value: float, unit: str) -> str:
    """Work with its unit: 17.2 GFLOP, 16.8 MB, 128 examples."""
    if unit == "example":
        return count(round(value), unit)
    step = next((step for step in _PREFIXES if value >= step), 1.0)
    return f"{digits(value / step)} {_PREFIXES[step]}{'B' if unit == 'byte' else unit}"


def margin(value: float | None) -> str:
    """A margin of ratios: 0.02 is 2 %."""
    return UNKNOWN if value is None else f"{100 * value:g} %"


def varied_knobs(settings: Sequence[Setting]) -> list[str]:
    """The knobs that tell these settings apart; all of them where there is only one setting."""
    knobs = list(dict.fromkeys(knob for setting in settings for knob in setting.resolved))
    absent = object()
    varied = [knob for knob in knobs if len({setting.resolved.get(knob, absent) for setting in settings}) > 1]
    return varied or knobs
