"""The catalogue of knobs: what can be set, how it reaches TensorFlow, and what is known of it.

Sources: FACTS = measured on the stock tensorflow-cpu 2.21 wheel by this project's founders;
TF = TensorFlow's sources; oneDNN, OpenMP, NVIDIA = the library's own manual.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Literal

from workloads.record import KnobValue


@dataclass(frozen=True)
class Knob:
    """One thing that can be set."""

    name: str  # as in the config; an environment variable goes by its own name
    kind: Literal["api", "environment", "engine"]  # who applies it: worker, container's env, runner
    values: Literal["threads", "text", "cpus", "image"]
    read: Literal["import", "first use", "context start", "each call", "launch"]
    bad_value: str  # what an impossible value does
    observed: str  # where a record, or an audit, shows its effect
    source: str


def _env(name: str, read: Literal["import", "first use", "context start"], bad: str, seen: str, source: str) -> Knob:
    # Thread counts may be symbolic; any other value is passed on as it is written.
    values: Literal["threads", "text"] = "threads" if name.endswith(("_THREADS", "_COUNT")) else "text"
    return Knob(name, "environment", values, read, bad, seen, source)


_INERT = "nothing: the stock wheel links no OpenMP and no MKL; a negative control"

CATALOGUE: dict[str, Knob] = {
    knob.name: knob
    for knob in (
        Knob("intra_op", "api", "threads", "context start", "-1 aborts the process", "observed.intra_threads", "FACTS"),
        Knob("inter_op", "api", "threads", "context start", "-1 means the default", "observed.inter_threads", "FACTS"),
        Knob("cpus", "engine", "cpus", "launch", "the engine refuses", "observed.cpus", "FACTS"),
        Knob("image", "engine", "image", "launch", "refused before the run", "image.content", "this suite"),
        _env("TF_NUM_INTRAOP_THREADS", "context start", "the default, silently", "observed.intra_threads", "FACTS"),
        _env("TF_NUM_INTEROP_THREADS", "context start", "the default, silently", "observed.inter_threads", "FACTS"),
        _env("TF_ENABLE_ONEDNN_OPTS", "import", "the default, silently", "observed.onednn", "FACTS"),
        _env("ONEDNN_MAX_CPU_ISA", "first use", "ignored, silently", "isa: line of ONEDNN_VERBOSE", "FACTS"),
        _env("ONEDNN_DEFAULT_FPMATH_MODE", "first use", "ignored, silently", "check.error", "FACTS"),
        _env("TF_SET_ONEDNN_FPMATH_MODE", "first use", "ignored, silently", "check.error", "FACTS"),
        _env("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "first use", "ignored, silently", "time only", "FACTS"),
        _env("OMP_NUM_THREADS", "import", _INERT, "time only", "FACTS"),
        _env("MKL_NUM_THREADS", "import", _INERT, "time only", "FACTS"),
        _env("KMP_BLOCKTIME", "import", _INERT, "time only", "FACTS"),
        _env("KMP_AFFINITY", "import", _INERT, "time only", "FACTS"),
        _env("TF_GPU_THREAD_MODE", "context start", "an error at the first GPU device", "time only", "TF"),
        _env("TF_GPU_THREAD_COUNT", "context start", "an error at the first GPU device", "time only", "TF"),
        _env("NVIDIA_TF32_OVERRIDE", "first use", "ignored", "check.error", "NVIDIA"),
    )
}


@dataclass(frozen=True)
class Applied:
    """A resolved setting, sorted by who applies it."""

    image: str
    cpus: int | None  # None: every CPU that the runner may use
    intra_op: int | None
    inter_op: int | None
    environment: dict[str, str]


def nearest(name: str, known: list[str]) -> str:
    """The known name that is most like `name`, as the end of a sentence; empty if none is like it."""
    # Compared in lower case: OMP_NUM_THREAD and omp_num_threads mean the same knob.
    lower = {candidate.lower(): candidate for candidate in known}
    match = difflib.get_close_matches(name.lower(), list(lower), n=1, cutoff=0.5)
    return f"; did you mean {lower[match[0]]!r}?" if match else f"; known are {', '.join(sorted(known))}"


def apply(resolved: dict[str, KnobValue]) -> Applied:
    """Sort a resolved setting's values by who applies them; a knob that is not named is left alone.

    Raises KeyError for a knob that is not in the catalogue.
    """
    environment = {
        name: str(value)
        for name, value in resolved.items()
        if CATALOGUE[name].kind == "environment" and value is not None
    }
    return Applied(
        image=str(resolved.get("image") or "cpu"),
        cpus=_threads(resolved.get("cpus")),
        intra_op=_threads(resolved.get("intra_op")),
        inter_op=_threads(resolved.get("inter_op")),
        environment=environment,
    )


def _threads(value: KnobValue) -> int | None:
    return None if value is None else int(value)
