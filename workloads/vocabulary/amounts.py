"""How numbers, times, sizes and counts read: three significant digits, units always. Standard library only."""

import math

UNKNOWN = "\N{EN DASH}"


def digits(value: float | None) -> str:
    """Three significant digits, never in scientific notation: 1.00, 0.0123, 1230."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    if value == 0:
        return "0"
    # By rounding first: 0.9996 has its leading digit in another place than 1.00, which it is printed as.
    exponent = int(f"{value:.2e}".split("e")[1])
    return f"{round(value, 2 - exponent):.{max(0, 2 - exponent)}f}"


def duration(seconds: float) -> str:
    """A time that was measured: 42.1 s, 12 min 05 s, 3 h 05 min."""
    if seconds < 90:
        return f"{digits(seconds)} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02d} min"


def rough_duration(seconds: float) -> str:
    """A time that is expected: 40 s, 12 min, 3 h 20 min."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02d} min"


def size(number: int) -> str:
    """Bytes in decimal units, as container engines count: 1.37 GB, 20.5 MB, 7.00 kB."""
    scale, unit = (1e9, "GB") if number >= 1e9 else (1e6, "MB") if number >= 1e6 else (1e3, "kB")
    return f"{digits(number / scale)} {unit}"


def count(number: int, thing: str) -> str:
    """A number of things: 1 round, 5 rounds, 2 launches."""
    plural = f"{thing}es" if thing.endswith("ch") else f"{thing}s"
    return f"{number} {thing if number == 1 else plural}"
