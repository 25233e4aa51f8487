"""A workload's arithmetic intensity: how many FLOP it does for each byte that it must move.

A record declares one side, FLOP or bytes; the other follows from the parameters by the definition in the workload's
docstring. Bytes are those that no implementation can spare: every input and every result of a call once, in float32.
What is kept between operations of a call is not counted, so the intensity is the highest that is possible.
Williams, Waterman and Patterson 2009, "Roofline: an insightful visual performance model".
"""

from collections.abc import Callable, Mapping
from typing import Any

Params = Mapping[str, Any]

_FLOAT = 4.0  # bytes


def _of_product(m: int, n: int, k: int) -> int:
    return m * k + k * n + m * n


# Module -> the side that its records do not declare, from its parameters.
_OTHER_SIDE: dict[str, Callable[[Params], float]] = {
    # These declare FLOP: bytes.
    "matmul": lambda p: _FLOAT * _of_product(p.get("m") or p["n"], p["n"], p.get("k") or p["n"]),
    # Examples in and out, and all weights.
    "fc_stack": lambda p: (
        _FLOAT
        * (
            (p["batch"] + p["width"]) * ((p["inputs"] or p["width"]) + (p["outputs"] or p["width"]))
            + (p["layers"] - 1) * p["width"] ** 2
        )
    ),
    "batched_matmul": lambda p: _FLOAT * 4 * p["batch"] * p["heads"] * p["length"] * p["depth"],
    # Images in and out, and the kernels.
    "conv": lambda p: _FLOAT * (2 * p["batch"] * p["size"] ** 2 * p["channels"] + 9 * p["layers"] * p["channels"] ** 2),
    "elementwise": lambda p: _FLOAT * 3 * p["elements"],
    "branches": lambda p: _FLOAT * p["k"] * (2 * p["n"] ** 2 + p["n"]),
    "chain": lambda p: _FLOAT * ((p["length"] + 1) * p["n"] ** 2 + p["length"] * p["n"]),
    # Inputs, slopes and the inputs' gradients, of one tower if it is deep; weights and their gradients.
    "towers": lambda p: (
        _FLOAT
        * (
            3 * (1 if p["shape"] == "deep" else p["towers"]) * p["batch"] * p["units"]
            + 2 * p["towers"] * p["layers"] * p["units"] ** 2
        )
    ),
    "eager_ops": lambda p: _FLOAT * (3 * p["n"] ** 2 + 2 * p["n"]),
    "python_threads": lambda p: _FLOAT * (2 * p["ops"] + 1) * p["n"] ** 2,
    # Four products of width x width and two of width x 4 width a layer; vectors of words in and out.
    "transformer": lambda p: (
        _FLOAT * (12 * p["layers"] * p["width"] ** 2 + 2 * p["batch"] * p["sequence"] * p["width"])
    ),
    "lstm": lambda p: _FLOAT * (4 * p["units"] + p["batch"] * p["steps"]) * (p["features"] + p["units"]),
    # These declare bytes: FLOP, an addition for each number, or a product and an addition.
    "matvec": lambda p: 2.0 * p["n"] ** 2,
    "reduction": lambda p: 1.0 * p["rows"] * p["columns"],
    "embedding_lookup": lambda p: 1.0 * p["bags"] * p["lookups"] * p["width"],
}


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
