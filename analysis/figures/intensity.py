"""A workload's arithmetic intensity: how many FLOP it does for each byte that it must move.

A record declares one side, FLOP or bytes; the other follows from the parameters by the definition in the workload's
docstring. Bytes are those that no implementation can spare: every input and every result of a call once, in float32.
What is kept between operations of a call is not counted, so the intensity is the highest that is possible.
Williams, Waterman and Patterson 2009, "Roofline: an insightful visual performance model".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Params = Mapping[str, Any]

_FLOAT = 4  # bytes


def has_intensity(module: str) -> bool:
    """Whether a workload's module is known here; others declare examples, or bytes that depend on a model's layers."""
    return module in _OTHER_SIDE


def intensity(module: str, params: Mapping[str, Any], amount: float, unit: str) -> float | None:
    """FLOP a byte of a call that declares `amount` FLOP or bytes; None where it is not known.

    A record of another version may have other parameters than are known here.
    """
    if not has_intensity(module) or unit not in ("FLOP", "byte"):
        return None
    try:
        other = _OTHER_SIDE[module](params)
        return amount / other if unit == "FLOP" else other / amount
    except (KeyError, TypeError, ArithmeticError):
        return None


def _matmul(p: Params) -> float:
    return float(_FLOAT * 3.0 * p["n"] ** 2)


def _batched_matmul(p: Params) -> float:
    return float(_FLOAT * 4.0 * p["batch"] * p["heads"] * p["length"] * p["depth"])


def _conv(p: Params) -> float:
    images = 2.0 * p["batch"] * p["size"] ** 2 * p["channels"]
    return float(_FLOAT * (images + 9.0 * p["layers"] * p["channels"] ** 2))


def _elementwise(p: Params) -> float:
    return float(_FLOAT * 3.0 * p["elements"])


def _branches(p: Params) -> float:
    return float(_FLOAT * p["k"] * (2.0 * p["n"] ** 2 + p["n"]))


def _chain(p: Params) -> float:
    return float(_FLOAT * ((p["length"] + 1.0) * p["n"] ** 2 + p["length"] * p["n"]))


def _towers(p: Params) -> float:
    inputs = 1.0 if p["shape"] == "deep" else p["towers"]
    # Inputs, slopes and the inputs' gradients; weights and their gradients.
    return float(_FLOAT * (3.0 * inputs * p["batch"] * p["units"] + 2.0 * p["towers"] * p["layers"] * p["units"] ** 2))


def _eager_ops(p: Params) -> float:
    return float(_FLOAT * (3.0 * p["n"] ** 2 + 2.0 * p["n"]))


def _python_threads(p: Params) -> float:
    return float(_FLOAT * (2.0 * p["ops"] + 1.0) * p["n"] ** 2)


def _transformer(p: Params) -> float:
    # Four products of width x width and two of width x 4 width a layer; vectors of words in and out.
    return float(_FLOAT * (12.0 * p["layers"] * p["width"] ** 2 + 2.0 * p["batch"] * p["sequence"] * p["width"]))


def _lstm(p: Params) -> float:
    states = p["features"] + p["units"]
    return float(_FLOAT * (4.0 * p["units"] * states + p["batch"] * p["steps"] * states))


def _matvec(p: Params) -> float:
    return float(2.0 * p["n"] ** 2)


def _reduction(p: Params) -> float:
    return float(1.0 * p["rows"] * p["columns"])


def _embedding_lookup(p: Params) -> float:
    return float(1.0 * p["bags"] * p["lookups"] * p["width"])


_OTHER_SIDE: dict[str, Callable[[Params], float]] = {
    # These declare FLOP: bytes.
    "matmul": _matmul,
    "batched_matmul": _batched_matmul,
    "conv": _conv,
    "elementwise": _elementwise,
    "branches": _branches,
    "chain": _chain,
    "towers": _towers,
    "eager_ops": _eager_ops,
    "python_threads": _python_threads,
    "transformer": _transformer,
    "lstm": _lstm,
    # These declare bytes: FLOP, an addition for each number, or a product and an addition.
    "matvec": _matvec,
    "reduction": _reduction,
    "embedding_lookup": _embedding_lookup,
}
