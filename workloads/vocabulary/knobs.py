"""The catalogue of knobs: what can be set, how it reaches TensorFlow, and what is known of it.

What is known is where to look, not what will be seen: the audit probes each knob in the image, on the machine.

Sources: FACTS = measured on the stock tensorflow-cpu 2.21 wheel by this project's founders; TF = TensorFlow's
sources; oneDNN, OpenMP, XLA, NVIDIA, Intel = the library's or vendor's own manual; suite = this suite's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from workloads.vocabulary.record import FREE, KnobValue

Kind = Literal["api", "environment", "engine", "worker", "parameter"]
Read = Literal["import", "first use", "context start", "each call", "launch"]
Values = Literal["threads", "text", "cpus", "image", "allocator", "percent", "count", "switch"]
Shows = Literal[
    "probe",  # in what TensorFlow does: the audit sees it
    "time",  # in how long it takes, and nowhere else
    "openmp",  # only where an OpenMP library is loaded
    "mkl",  # only where MKL is loaded
    "gpu",  # only on an NVIDIA GPU
    "amx",  # only on a CPU with AMX, to which oneDNN's kernels turn for it
]
"""Where an effect of a knob would show, if it has one."""


@dataclass(frozen=True)
class Knob:
    """One thing that can be set."""

    name: str  # as in the config; an environment variable goes by its own name
    kind: Kind  # who applies it: TensorFlow's API, the container's environment, the engine, the worker, the workload
    values: Values
    tried: tuple[KnobValue, ...]  # what the audit tries beside the config's own values; counts may be symbolic
    read: Read
    bad_value: str  # what an impossible value does
    observed: str  # where a record, or the audit, shows its effect
    source: str
    shows: Shows = "probe"


_TF_POOL = "the default, silently"
_INERT = "nothing: the stock wheel links no OpenMP and no MKL; a negative control"
_BOOLEAN = "a value that is no boolean aborts or counts as the default"
_JUNK = "ignored, silently"
_JUNK_LOGGED = "ignored, with a line in the log"


def _env(
    name: str,
    read: Read,
    tried: tuple[str, ...],
    bad: str,
    seen: str,
    source: str,
    shows: Shows = "probe",
) -> Knob:
    # Thread counts may be symbolic; any other value is passed on as it is written.
    values: Values = "threads" if name.endswith(("_THREADS", "_COUNT")) else "text"
    return Knob(name, "environment", values, tried, read, bad, seen, source, shows)


# Twice the cores: on a machine of one core, 1 is the default.
_POOL = (1, "2*cores", -1)

_KNOBS = (
    Knob("intra_op", "api", "threads", _POOL, "context start", "-1 aborts", "observed.intra_threads", "FACTS"),
    Knob("inter_op", "api", "threads", _POOL, "context start", "-1: default", "observed.inter_threads", "FACTS"),
    Knob("cpus", "engine", "cpus", (1,), "launch", "refused before the run", "observed.cpus", "FACTS"),
    Knob("cpu_quota", "engine", "percent", (50,), "launch", "refused before the run", "observed.throttled_s", "FACTS"),
    Knob("image", "engine", "image", (), "launch", "refused before the run", "image.content", "suite"),
    Knob("container", "engine", "switch", (False,), "launch", "refused before the run", "time only", "suite", "time"),
    Knob(
        *("allocator", "environment", "allocator", ("tcmalloc", "jemalloc"), "launch"),
        *("refused before the run", "observed.allocator", "Intel"),
    ),
    Knob("co_runners", "worker", "count", (1,), "launch", "refused before the run", "cpu_per_wall", "suite", "time"),
    _env("TF_NUM_INTRAOP_THREADS", "context start", ("1", "2*cores"), _TF_POOL, "observed.intra_threads", "FACTS"),
    _env("TF_NUM_INTEROP_THREADS", "context start", ("1", "2*cores"), _TF_POOL, "observed.inter_threads", "FACTS"),
    _env("TF_ENABLE_ONEDNN_OPTS", "import", ("0", "1"), "the default, silently", "observed.onednn", "FACTS"),
    _env("ONEDNN_MAX_CPU_ISA", "first use", ("SSE41", "AVX2", "AVX512_CORE"), _JUNK, "isa: of ONEDNN_VERBOSE", "FACTS"),
    _env("ONEDNN_DEFAULT_FPMATH_MODE", "first use", ("BF16",), _JUNK, "kernel's name, check.error", "FACTS", "amx"),
    _env("TF_SET_ONEDNN_FPMATH_MODE", "first use", ("BF16",), _JUNK, "kernel's name, check.error", "FACTS", "amx"),
    _env("ONEDNN_VERBOSE", "first use", ("0", "1"), _JUNK, "lines on standard output; costs time", "FACTS"),
    _env("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "first use", ("0",), _JUNK, "time only", "FACTS", "time"),
    _env("TF_ONEDNN_USE_SYSTEM_ALLOCATOR", "first use", ("1", "junk"), "aborts", "time only", "FACTS", "time"),
    _env("TF_ONEDNN_ASSUME_FROZEN_WEIGHTS", "first use", ("1",), _BOOLEAN, "time only", "FACTS", "time"),
    _env("TF_ONEDNN_THREADPOOL_USE_CALLER_THREAD", "first use", ("1",), _BOOLEAN, "time only", "FACTS", "time"),
    _env("OMP_NUM_THREADS", "import", ("1",), _INERT, "nthr: of ONEDNN_VERBOSE", "FACTS", "openmp"),
    _env("MKL_NUM_THREADS", "import", ("1",), _INERT, "time only", "FACTS", "mkl"),
    _env("KMP_BLOCKTIME", "import", ("0",), _INERT, "time only", "FACTS", "openmp"),
    _env("KMP_AFFINITY", "import", ("granularity=fine,compact,1,0",), _INERT, "time only", "FACTS", "openmp"),
    _env("TF_DISABLE_MKL", "import", ("1",), "nothing: absent from the wheel", "observed.onednn", "FACTS"),
    _env("TF_ENABLE_MKL_NATIVE_FORMAT", "first use", ("0",), "nothing: absent from the wheel", "kernels", "FACTS"),
    _env(
        *("TF_XLA_FLAGS", "context start", ("--tf_xla_auto_jit=2 --tf_xla_cpu_global_jit", "--tf_xla_no_such_flag")),
        *("an unknown flag is fatal", "XLA clusters in the executed graphs", "FACTS"),
    ),
    _env(
        *("XLA_FLAGS", "first use", ("--xla_cpu_enable_fast_math=true", "--xla_no_such_flag")),
        *("an unknown flag is fatal, when XLA compiles", "output bits", "FACTS"),
    ),
    _env("TF_DETERMINISTIC_OPS", "first use", ("1",), _BOOLEAN, "output bits on a GPU", "TF", "gpu"),
    _env("TF_GPU_THREAD_MODE", "context start", ("gpu_private",), "an error at the first GPU", "time", "TF", "gpu"),
    _env("TF_GPU_THREAD_COUNT", "context start", ("2",), "an error at the first GPU device", "time only", "TF", "gpu"),
    _env("TF_FORCE_GPU_ALLOW_GROWTH", "context start", ("true",), _JUNK_LOGGED, "GPU memory", "TF", "gpu"),
    _env("TF_GPU_ALLOCATOR", "context start", ("cuda_malloc_async",), _JUNK_LOGGED, "the log", "TF", "gpu"),
    _env("TF_CUDNN_USE_AUTOTUNE", "first use", ("0",), _BOOLEAN, "time of the first call", "TF", "gpu"),
    _env("NVIDIA_TF32_OVERRIDE", "first use", ("0",), "ignored", "check.error", "NVIDIA", "gpu"),
    # 3 and 0: one that no machine's default is, and the default itself.
    Knob("num_parallel_calls", "parameter", "text", (1, 3, "auto"), "each call", "refused", "calls at once", "TF"),
    Knob("prefetch", "parameter", "text", (0, 3, "auto"), "each call", "refused", "elements made ahead", "TF"),
    Knob("private_threads", "parameter", "count", (0, 1, 3), "each call", "refused", "calls at once", "FACTS"),
    Knob("max_intra_op_parallelism", "parameter", "count", (1,), "each call", "refused", "time only", "FACTS", "time"),
    Knob("jit_compile", "parameter", "text", (False, True), "each call", "refused", "kernels, output bits", "XLA"),
    Knob("precision", "parameter", "text", ("float32", "bfloat16"), "each call", "refused", "check.error", "TF"),
)
CATALOGUE: dict[str, Knob] = {knob.name: knob for knob in _KNOBS}

ALLOCATORS = {
    "tcmalloc": "/usr/lib/x86_64-linux-gnu/libtcmalloc_minimal.so.4",
    "jemalloc": "/usr/lib/x86_64-linux-gnu/libjemalloc.so.2",
}
"""Where the images hold the libraries that LD_PRELOAD names."""


@dataclass(frozen=True)
class Applied:
    """A resolved setting, sorted by who applies it."""

    container: bool  # False: the image's files run on the host itself
    cpus: int | None  # None: every CPU that the runner may use
    cpu_quota: int | None  # percent of one CPU; None: no quota
    intra_op: int | None
    inter_op: int | None
    co_runners: int
    environment: dict[str, str]
    params: dict[str, KnobValue]  # parameters of the workload


def variable(name: str) -> str | None:
    """The environment variable that a knob sets as it is; None if it is no such knob."""
    if name.startswith(FREE):
        return name.removeprefix(FREE)
    knob = CATALOGUE.get(name)
    return name if knob is not None and knob.kind == "environment" and knob.values != "allocator" else None


def apply(resolved: dict[str, KnobValue]) -> Applied:
    """Sort a resolved setting's values by who applies them; a knob that is not named is left alone.

    A name that is neither in the catalogue nor an environment variable is a parameter of the workload.
    """
    given = {name: value for name, value in resolved.items() if value is not None}
    environment = {name: str(value) for knob, value in given.items() if (name := variable(knob)) is not None}
    if "allocator" in given:
        environment["LD_PRELOAD"] = ALLOCATORS[str(given["allocator"])]
    return Applied(
        container=bool(given.get("container", True)),
        cpus=_number(given.get("cpus")),
        cpu_quota=_number(given.get("cpu_quota")),
        intra_op=_number(given.get("intra_op")),
        inter_op=_number(given.get("inter_op")),
        co_runners=_number(given.get("co_runners")) or 0,
        environment=environment,
        params={name: value for name, value in given.items() if is_parameter(name)},
    )


def is_parameter(name: str) -> bool:
    """Whether a knob is a parameter of the workload, which the workload itself applies."""
    return not name.startswith(FREE) and (name not in CATALOGUE or CATALOGUE[name].kind == "parameter")


def _number(value: KnobValue) -> int | None:
    return None if value is None else int(value)
