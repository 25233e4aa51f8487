"""What TensorFlow does in this environment, on a fixed set of small operations. Nothing is timed.

    python3 -m workloads.harness.probe ASKED_JSON

ASKED_JSON is an `Asked`; the `Seen` goes to standard output as one line, alone there. The operations run with
ONEDNN_VERBOSE set by whoever starts the process; oneDNN's lines are caught in a file. Whatever cannot be seen is
None or empty. A setting that TensorFlow does not survive ends the process before the line is written.
"""

import json
import os
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from workloads.harness import observe
from workloads.harness.probe_pipeline import Pipeline, run_pipeline
from workloads.harness.worker import private_stdout

# What the audit's rules ask about, of the hundred flags that the kernel lists.
_INSTRUCTIONS = {
    *("sse4_1", "avx", "avx2", "avx_vnni", "avx512bw", "avx512_vnni", "avx512_bf16", "avx512_fp16"),
    *("amx_tile", "amx_bf16", "amx_fp16"),
}
_LIBRARIES = ("libiomp5", "libgomp", "libomp", "libmkl", "libtcmalloc", "libjemalloc", "libcudart", "libcudnn")

_SETTLED_S = 0.1


@dataclass(frozen=True)
class Asked:
    """What a probe applies from the inside; the environment and the CPUs already surround it."""

    intra_op: int | None = None
    inter_op: int | None = None
    num_parallel_calls: int | str | None = None
    prefetch: int | str | None = None
    private_threads: int | None = None
    jit_compile: bool | None = None
    precision: str = "float32"
    late: bool = False  # also try to set the pools after the first operation


@dataclass(frozen=True)
class Late:
    """What setting the pools after the first operation did."""

    api: str  # the exception, or "" where nothing was raised
    new_threads: int | None  # that came once the environment was set and an operation ran again
    onednn: bool | None  # once the environment had turned it over


@dataclass(frozen=True)
class Seen:
    """One probe's answer."""

    cpus: list[int]
    instructions: list[str]  # of the CPU, as the kernel names them; those that rules ask about
    devices: list[str]
    intra_threads: int | None  # unnamed threads that came with the context
    inter_threads: int | None  # threads named tf_Compute
    nthr: int | None  # threads that oneDNN counts in its runtime
    getters: list[int]  # what tf.config.threading answers: intra, inter
    onednn: bool | None
    runtime: str | None  # oneDNN's, on the CPU
    isa: str | None  # the highest that oneDNN uses
    kernels: list[str]  # "convolution brg_conv_fwd:avx2", each once
    xla_clusters: int  # parts of plain graphs that XLA took over
    libraries: list[str]  # of those that rules ask about
    bits: dict[str, str]  # operation -> sha256 of its output, shortened
    errors: dict[str, float]  # operation -> relative error (Euclidean) against NumPy in double precision
    throttled_s: float | None
    pipeline: Pipeline
    late: Late | None


def main(argv: list[str]) -> int:
    """Run the probe on the command line; gives the exit status."""
    answer = private_stdout()
    asked = Asked(**json.loads(argv[0]))
    with answer:
        answer.write(json.dumps(asdict(look(asked)), allow_nan=False) + "\n")
    return 0


def look(asked: Asked) -> Seen:
    """Import TensorFlow, start its context as asked, run the operations, and look around."""
    throttled = observe.throttled_s()
    import tensorflow as tf

    before = observe.threads()
    getters = _apply(tf, asked)
    devices = [device.name for device in tf.config.list_logical_devices()]
    after = _settled()
    with tempfile.TemporaryFile() as caught:
        os.dup2(caught.fileno(), 1)  # oneDNN prints without asking Python
        bits, errors, clusters = _operations(tf, asked)
        os.dup2(2, 1)
        caught.seek(0)
        verbose = caught.read().decode(errors="replace").splitlines()
    pipeline = run_pipeline(tf, asked.num_parallel_calls, asked.prefetch, asked.private_threads)
    return Seen(
        cpus=observe.cpus(),
        instructions=_instructions(),
        devices=devices,
        intra_threads=observe.intra_threads(before, after),
        inter_threads=observe.inter_threads(after),
        nthr=_number(_field(verbose, "nthr:")),
        getters=getters,
        onednn=observe.onednn(),
        runtime=_field(verbose, "info,cpu,runtime:"),
        isa=_field(verbose, "info,cpu,isa:"),
        kernels=kernels(verbose),
        xla_clusters=clusters,
        libraries=_libraries(),
        bits=bits,
        errors=errors,
        throttled_s=observe.growth(throttled, observe.throttled_s()),
        pipeline=pipeline,
        late=_late(tf) if asked.late else None,
    )


def _apply(tf: Any, asked: Asked) -> list[int]:
    threading = tf.config.threading
    if asked.intra_op is not None:
        threading.set_intra_op_parallelism_threads(asked.intra_op)
    if asked.inter_op is not None:
        threading.set_inter_op_parallelism_threads(asked.inter_op)
    return [threading.get_intra_op_parallelism_threads(), threading.get_inter_op_parallelism_threads()]


def _settled() -> observe.Threads | None:
    """The threads, once they have stayed the same for a while: a new one takes its name only when it runs."""
    last, now = None, observe.threads()
    while last != now:
        time.sleep(_SETTLED_S)
        last, now = now, observe.threads()
    return now


def _operations(tf: Any, asked: Asked) -> tuple[dict[str, str], dict[str, float], int]:
    """Bits and error of each operation's output, and how many XLA clusters their graphs were given."""
    from tensorflow.python.eager import context

    rng = np.random.default_rng(1)
    left, right = (rng.standard_normal((256, 256)).astype(np.float32) for _ in range(2))
    image = rng.standard_normal((4, 28, 28, 32)).astype(np.float32)
    filters = rng.standard_normal((3, 3, 32, 64)).astype(np.float32)
    kind = tf.as_dtype(asked.precision)

    def plain(function: Any) -> Any:
        # As a workload's jit_compile: false leaves the choice to TensorFlow, and so to TF_XLA_FLAGS.
        return tf.function(function, jit_compile=asked.jit_compile or None)

    def product(x: Any, y: Any) -> Any:
        return tf.cast(tf.linalg.matmul(tf.cast(x, kind), tf.cast(y, kind)), tf.float32)

    def convolution(x: Any, w: Any) -> Any:
        return tf.cast(tf.nn.conv2d(tf.cast(x, kind), tf.cast(w, kind), 1, "SAME"), tf.float32)

    def elementwise(x: Any, y: Any) -> Any:
        return tf.tanh(x) * y + tf.exp(-x * x) / (1.5 + tf.cos(y))

    tf.linalg.matmul(left, right)  # oneDNN counts its threads once, at its first call: the same one in every probe
    context.context().enable_run_metadata()
    outputs = {
        "matmul": plain(product)(left, right).numpy(),
        "convolution": plain(convolution)(image, filters).numpy(),
        "elementwise": plain(elementwise)(left, right).numpy(),
    }
    clusters = _clusters(context.context().export_run_metadata())
    context.context().disable_run_metadata()
    # XLA reads its flags when it compiles, so something must be compiled.
    outputs["xla"] = tf.function(elementwise, jit_compile=True)(left, right).numpy()
    x, y = left.astype(np.float64), right.astype(np.float64)
    smooth = np.tanh(x) * y + np.exp(-x * x) / (1.5 + np.cos(y))
    references = {"matmul": x @ y, "convolution": _convolved(image, filters), "elementwise": smooth, "xla": smooth}
    bits = {name: sha256(output.tobytes()).hexdigest()[:12] for name, output in outputs.items()}
    return bits, {name: _error(output, references[name]) for name, output in outputs.items()}, clusters


def _convolved(image: Any, filters: Any) -> Any:
    """Float64, stride 1, zero padding to the same size; image (n, h, w, in), filters (3, 3, in, out)."""
    height, width = image.shape[1:3]
    padded = np.pad(image.astype(np.float64), ((0, 0), (1, 1), (1, 1), (0, 0)))
    parts = [(padded[:, i : i + height, j : j + width], filters[i, j]) for i in range(3) for j in range(3)]
    return sum(part @ weights.astype(np.float64) for part, weights in parts)


def _error(output: Any, reference: Any) -> float:
    return float(f"{np.linalg.norm(output - reference) / np.linalg.norm(reference):.2g}")


def _clusters(metadata: Any) -> int:
    return sum(node.op == "_XlaRun" for graph in metadata.partition_graphs for node in graph.node)


def kernels(verbose: list[str]) -> list[str]:
    """Primitive and implementation of each kernel that oneDNN's lines say was executed, sorted."""
    executed = [line.split(",") for line in verbose if ",exec,cpu," in line]
    names = {" ".join(parts[parts.index("cpu") + 1 :][:2]).strip() for parts in executed}
    return sorted(names)


def _field(verbose: list[str], name: str) -> str | None:
    return next((line.partition(name)[2].partition(",")[0] for line in verbose if name in line), None)


def _number(text: str | None) -> int | None:
    return None if text is None or not text.isdigit() else int(text)


def _instructions() -> list[str]:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return []
    flags = next((line.partition(":")[2].split() for line in lines if line.startswith("flags")), [])
    return sorted(_INSTRUCTIONS.intersection(flags))


def _mapped() -> list[str]:
    try:
        lines = Path("/proc/self/maps").read_text().splitlines()
    except OSError:
        return []
    return sorted({line[line.index("/") :] for line in lines if "/" in line})


def _libraries() -> list[str]:
    names = {Path(path).name for path in _mapped()}
    return sorted(name for name in names if name.startswith(_LIBRARIES))


def _late(tf: Any) -> Late:
    raised = ""
    try:
        tf.config.threading.set_intra_op_parallelism_threads(7)
    except RuntimeError as error:
        raised = f"RuntimeError: {error}"
    before = observe.threads()
    os.environ |= {"TF_NUM_INTRAOP_THREADS": "7", "TF_NUM_INTEROP_THREADS": "7"}
    os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0" if observe.onednn() else "1"
    tf.linalg.matmul(tf.ones((256, 256)), tf.ones((256, 256))).numpy()
    now = observe.threads()
    new = None if before is None or now is None else now.by_name.total() - before.by_name.total()
    return Late(raised, new, observe.onednn())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
