"""The catalogue of knobs: what can be set, how it reaches TensorFlow, and what is known of it.

What is known is where to look, not what will be seen: the audit probes each knob in the image, on the machine.

Sources: own = measured by this project on the stock tensorflow-cpu 2.21 wheel (docs/method.md#knobs); TF = TensorFlow's
sources; oneDNN, OpenMP, XLA, NVIDIA, Intel = the library's or vendor's own manual; suite = this suite's own.
"""

from dataclasses import dataclass
from typing import Literal

from workloads.vocabulary.record import FREE, KnobValue

Kind = Literal["api", "environment", "engine", "worker", "parameter"]
Read = Literal["import", "first use", "context start", "each call", "launch"]
Values = Literal["threads", "text", "cpus", "image", "allocator", "percent", "count", "callers", "switch"]

# Where an effect of a knob would show, if it has one.
Shows = Literal[
    "probe",  # in what TensorFlow does: the audit sees it
    "time",  # in how long it takes, and nowhere else
    "gpu",  # only on an NVIDIA GPU
    "amx",  # only on a CPU with AMX, to which oneDNN's kernels turn for it
]


_REFUSED = "refused before the run"
_TF_POOL = "the default, silently"
_INERT = "nothing: the stock wheel links no OpenMP and no MKL; a negative control"
_ABSENT = "nothing: absent from the wheel"
_BOOLEAN = "a value that is no boolean aborts or counts as the default"
_JUNK = "ignored, silently"
_JUNK_LOGGED = "ignored, with a line in the log"

# Twice the cores: on a machine of one core, 1 is the default.
_POOL = (1, "2*cores", -1)

# Where the images hold the libraries that LD_PRELOAD names.
ALLOCATORS = {
    "tcmalloc": "/usr/lib/x86_64-linux-gnu/libtcmalloc_minimal.so.4",
    "jemalloc": "/usr/lib/x86_64-linux-gnu/libjemalloc.so.2",
}


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
    variable: str | None = None  # the environment variable that says the same; the knob wins where both are set
    divides_work: bool = False  # it says how many CPUs or threads share the work
    exact: tuple[str, ...] = ()  # of a knob that trades exactness for speed: the values that give none away


def _env(
    name: str,
    read: Read,
    tried: tuple[str, ...],
    bad: str,
    seen: str,
    source: str,
    shows: Shows = "probe",
    *,
    divides_work: bool = False,
    exact: tuple[str, ...] = (),
) -> Knob:
    # Thread counts may be symbolic; any other value is passed on as it is written.
    values: Values = "threads" if name.endswith(("_THREADS", "_COUNT")) else "text"
    return Knob(
        name, "environment", values, tried, read, bad, seen, source, shows, divides_work=divides_work, exact=exact
    )


_KNOBS = (
    Knob("cpus", "engine", "cpus", (1,), "launch", _REFUSED, "observed.cpus", "own", divides_work=True),
    Knob(
        name="intra_op",
        kind="api",
        values="threads",
        tried=_POOL,
        read="context start",
        bad_value="-1 aborts",
        observed="observed.intra_threads",
        source="own",
        variable="TF_NUM_INTRAOP_THREADS",
        divides_work=True,
    ),
    Knob(
        name="inter_op",
        kind="api",
        values="threads",
        tried=_POOL,
        read="context start",
        bad_value="-1: default",
        observed="observed.inter_threads",
        source="own",
        variable="TF_NUM_INTEROP_THREADS",
        divides_work=True,
    ),
    Knob("cpu_quota", "engine", "percent", (50,), "launch", _REFUSED, "observed.throttled_s", "own", "time"),
    Knob("image", "engine", "image", (), "launch", _REFUSED, "image.content", "suite"),
    Knob("container", "engine", "switch", (False,), "launch", _REFUSED, "time only", "suite", "time"),
    Knob(
        name="allocator",
        kind="environment",
        values="allocator",
        tried=("tcmalloc", "jemalloc"),
        read="launch",
        bad_value=_REFUSED,
        observed="observed.allocator",
        source="Intel",
    ),
    Knob(
        name="instances",
        kind="worker",
        values="cpus",
        tried=("cores",),
        read="launch",
        bad_value=_REFUSED,
        observed="shares of slices, observed.cpus",
        source="suite",
        shows="time",
        divides_work=True,
    ),
    Knob(
        name="concurrency",
        kind="worker",
        values="callers",
        tried=("cores",),
        read="launch",
        bad_value=_REFUSED,
        observed="shares of slices",
        source="suite",
        shows="time",
        divides_work=True,
    ),
    Knob("co_runners", "worker", "count", (1,), "launch", _REFUSED, "cpu_per_wall", "suite", "time"),
    _env(
        name="TF_NUM_INTRAOP_THREADS",
        read="context start",
        tried=("1", "2*cores"),
        bad=_TF_POOL,
        seen="observed.intra_threads",
        source="own",
        divides_work=True,
    ),
    _env(
        name="TF_NUM_INTEROP_THREADS",
        read="context start",
        tried=("1", "2*cores"),
        bad=_TF_POOL,
        seen="observed.inter_threads",
        source="own",
        divides_work=True,
    ),
    _env("TF_ENABLE_ONEDNN_OPTS", "import", ("0", "1"), "the default, silently", "observed.onednn", "own"),
    _env("ONEDNN_MAX_CPU_ISA", "first use", ("SSE41", "AVX2", "AVX512_CORE"), _JUNK, "isa: of ONEDNN_VERBOSE", "own"),
    *(
        _env(name, "first use", ("BF16",), _JUNK, "kernel's name, check.error", "own", "amx", exact=("STRICT",))
        for name in ("ONEDNN_DEFAULT_FPMATH_MODE", "TF_SET_ONEDNN_FPMATH_MODE")
    ),
    _env("ONEDNN_VERBOSE", "first use", ("0", "1"), _JUNK, "lines on standard output; costs time", "own"),
    _env("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "first use", ("0",), _JUNK, "time only", "own", "time"),
    _env("TF_ONEDNN_USE_SYSTEM_ALLOCATOR", "first use", ("1", "junk"), "aborts", "time only", "own", "time"),
    _env("TF_ONEDNN_ASSUME_FROZEN_WEIGHTS", "first use", ("1",), _BOOLEAN, "time only", "own", "time"),
    _env("TF_ONEDNN_THREADPOOL_USE_CALLER_THREAD", "first use", ("1",), _BOOLEAN, "time only", "own", "time"),
    _env("TF_MKL_OPTIMIZE_PRIMITIVE_MEMUSE", "first use", ("0",), _BOOLEAN, "memory; time only", "TF", "time"),
    _env("TF_MKL_ALLOC_MAX_BYTES", "first use", ("1073741824",), "ignored", "memory; time only", "TF", "time"),
    _env("TF_CPU_ALLOCATOR_USE_BFC", "context start", ("1",), _BOOLEAN, "memory; time only", "TF", "time"),
    _env("TF_OVERRIDE_GLOBAL_THREADPOOL", "context start", ("1",), _BOOLEAN, "time only", "TF", "time"),
    _env("TF_USE_EIGEN_PARALLEL_FOR_IN_WORK_SHARDER", "first use", ("1",), _BOOLEAN, "time only", "TF", "time"),
    _env("TF_NUM_BATCH_THREADS", "first use", ("1",), "the default, silently", "time only", "TF", "time"),
    _env("TF_RUN_HANDLER_USE_SUB_THREAD_POOL", "first use", ("1",), _BOOLEAN, "time only", "TF", "time"),
    # Set by scripts of Intel's model zoo, and absent from the stock wheel.
    *(
        _env(name, "first use", (value,), _ABSENT, "time only", "Intel", "time")
        for name, value in (
            ("TF_THREAD_PINNING_MODE", "none,1,400"),
            ("TF_USE_ADVANCED_CPU_OPS", "1"),
            ("TF_ONEDNN_ENABLE_FAST_CONV", "1"),
            ("TF_PATTERN_ALLOW_CTRL_DEPENDENCIES", "1"),
        )
    ),
    _env("OMP_NUM_THREADS", "import", ("1",), _INERT, "nthr: of ONEDNN_VERBOSE", "own"),
    _env("MKL_NUM_THREADS", "import", ("1",), _INERT, "time only", "own", "time"),
    _env("KMP_BLOCKTIME", "import", ("0",), _INERT, "time only", "own", "time"),
    _env("KMP_AFFINITY", "import", ("granularity=fine,compact,1,0",), _INERT, "time only", "own", "time"),
    _env("TF_DISABLE_MKL", "import", ("1",), _ABSENT, "observed.onednn", "own"),
    _env("TF_ENABLE_MKL_NATIVE_FORMAT", "first use", ("0",), _ABSENT, "kernels", "own"),
    _env(
        name="TF_XLA_FLAGS",
        read="context start",
        tried=("--tf_xla_auto_jit=2 --tf_xla_cpu_global_jit", "--tf_xla_no_such_flag"),
        bad="an unknown flag is fatal",
        seen="XLA clusters in the executed graphs",
        source="own",
    ),
    _env(
        name="XLA_FLAGS",
        read="first use",
        tried=("--xla_cpu_enable_fast_math=true", "--xla_no_such_flag"),
        bad="an unknown flag is fatal, when XLA compiles",
        seen="output bits",
        source="own",
    ),
    _env("TF_DETERMINISTIC_OPS", "first use", ("1",), _BOOLEAN, "output bits on a GPU", "TF", "gpu"),
    _env("TF_GPU_THREAD_MODE", "context start", ("gpu_private",), "an error at the first GPU", "time", "TF", "gpu"),
    _env("TF_GPU_THREAD_COUNT", "context start", ("2",), "an error at the first GPU device", "time only", "TF", "gpu"),
    _env("TF_FORCE_GPU_ALLOW_GROWTH", "context start", ("true",), _JUNK_LOGGED, "GPU memory", "TF", "gpu"),
    _env("TF_GPU_ALLOCATOR", "context start", ("cuda_malloc_async",), _JUNK_LOGGED, "the log", "TF", "gpu"),
    _env("TF_CUDNN_USE_AUTOTUNE", "first use", ("0",), _BOOLEAN, "time of the first call", "TF", "gpu"),
    _env("NVIDIA_TF32_OVERRIDE", "first use", ("0",), "ignored", "check.error", "NVIDIA", "gpu", exact=("0",)),
    # 3 and 0: one that no machine's default is, and the default itself.
    Knob("num_parallel_calls", "parameter", "text", (1, 3, "auto"), "each call", "refused", "calls at once", "TF"),
    Knob("prefetch", "parameter", "text", (0, 3, "auto"), "each call", "refused", "elements made ahead", "TF"),
    Knob("private_threads", "parameter", "count", (0, 1, 3), "each call", "refused", "calls at once", "own"),
    Knob("max_intra_op_parallelism", "parameter", "count", (1,), "each call", "refused", "time only", "own", "time"),
    Knob("jit_compile", "parameter", "text", (False, True), "each call", "refused", "kernels, output bits", "XLA"),
    Knob(
        name="precision",
        kind="parameter",
        values="text",
        tried=("float32", "bfloat16"),
        read="each call",
        bad_value="refused",
        observed="check.error",
        source="TF",
        exact=("float32",),
    ),
)
CATALOGUE: dict[str, Knob] = {knob.name: knob for knob in _KNOBS}


def variable(name: str) -> str | None:
    """The environment variable that a knob sets as it is; None if it is no such knob."""
    if name.startswith(FREE):
        return name.removeprefix(FREE)
    knob = CATALOGUE.get(name)
    return name if knob is not None and knob.kind == "environment" and knob.values != "allocator" else None


def equivalent_variable(name: str) -> str | None:
    """The environment variable that does what a knob does: its own, or the one that says the same; None: none does."""
    return variable(name) or (CATALOGUE[name].variable if name in CATALOGUE else None)


def trading_exactness() -> dict[str, Knob]:
    """The knobs that trade exactness for speed, by name."""
    return {name: knob for name, knob in CATALOGUE.items() if knob.exact}


def is_parameter(name: str) -> bool:
    """Whether a knob is a parameter of the workload, which the workload itself applies."""
    return not name.startswith(FREE) and (name not in CATALOGUE or CATALOGUE[name].kind == "parameter")
