"""A config that tries every variable of a census that could bear on speed, one at a time, against the defaults.

    python -m containers.audit.screening --audit results/MACHINE/audit/cpu.json --out config/variables.yaml

What is tried: each variable that TensorFlow asks for, but for those whose name says that they are about something else
(`_ABOUT`). With which values: the catalogue's, where it has the variable; else 1, and also 0 where the name says that
something may be on by default; a small number where the name is one of a size or count. The values are plausible, not
known: what TensorFlow makes of them, the run shows. One that ends the process or changes outputs is a result.
"""

import re
from pathlib import Path
from typing import Any

import yaml

from workloads.vocabulary import documents
from workloads.vocabulary.census import Census, Standing
from workloads.vocabulary.command_line import parser_of
from workloads.vocabulary.documents import write_text
from workloads.vocabulary.errors import AnalysisError, command
from workloads.vocabulary.inventory import Audit
from workloads.vocabulary.knobs import CATALOGUE

# Words in the names of variables that bear on something else than the speed of a call on a CPU.
_ABOUT = {
    "what is logged, dumped or traced": "LOG DEBUG DUMP VERBOSE VERBOSITY TRACE TRACES VLOG VMODULE PROFILE PROFILER "
    "PROFILER64 PROFILING ITT LIBITTNOTIFY64 TELEMETRY CRASH DOC VISUALIZE FINGERPRINTING",
    "where files are": "PATH DIR DIRECTORY FILE HOME NAME LIBRARY FILESYSTEM URI TZ LOCALTIME SRCDIR OUTPUTS",
    "cloud storage, other machines and devices": "GCS GRPC REMOTE COLLECTIVE PS TPU GPU CUDA PLUGGABLE HOST ICI JOB "
    "CONFIG DEVICE",
    "the machine's topology as hwloc is told it": "HWLOC",
    "tests, versions and another Keras": "TEST VERSION DAYS LEGACY EPOCH EPOCHS BACKEND NNX UNSAFE CHECK SIG LINK "
    "INT64 PRODUCER EXPERIMENT",
    "decoding images and cryptography": "JPEGMEM JSIMD OPENSSL",
    "an older name of a variable that is tried": "DNNL",
    "the pools' sizes, which have sweeps of their own": "INTRAOP INTEROP",
}
_WORDS = {word for words in _ABOUT.values() for word in words.split()}

# What the suite sets in every launch: its other values are tried.
_SET = {"TF_ENABLE_ONEDNN_OPTS": "1"}

# Flags that XLA reads: which there are, no census tells.
_FLAGS = {"TF_XLA_FLAGS", "XLA_FLAGS", "TF_JITRT_FLAGS"}

_SIZES = re.compile(r"BYTES|_MB|CAPACITY|THRESHOLD|CACHE_SIZE")
_MAYBE_ON = re.compile(r"ENABLE|USE_|CACHING|OPTIMIZ|REWRITE")

# They use different parts: convolutions, many small operations, training with Keras, an input pipeline.
WORKLOADS = ("conv", "eager_ops", "cnn_training", "input_pipeline")


def candidates(census: Census) -> list[str]:
    """The variables that TensorFlow asks for and that could bear on the speed of a call, sorted."""
    return [
        name
        for name in census.variables()
        if census.standing(name) is Standing.TENSORFLOW
        and name not in _FLAGS
        and not _WORDS.intersection(name.split("_"))
    ]


def values(name: str) -> tuple[str, ...]:
    """The values that are tried of a variable."""
    knob = CATALOGUE.get(name)
    if knob is not None:
        # Junk is for the audit.
        return tuple(str(value) for value in knob.tried if value not in ("junk", _SET.get(name)))
    if _SIZES.search(name):
        return ("1", "1024")
    return ("0", "1") if _MAYBE_ON.search(name) else ("1",)


def screening(census: Census) -> dict[str, Any]:
    """The config, as it is written."""
    names = candidates(census)
    settings = [{_key(name): value} for name in names for value in values(name)]
    return {
        "rounds": 3,
        "timing": {"warmup_s": 0.3, "slice_s": 0.1, "cycles": 8},
        "audit": "config",
        "peaks": False,
        "workloads": {name: {} for name in WORKLOADS},
        "sweeps": {
            "variables": {
                "question": "Which of the variables that TensorFlow reads change how fast it is?",
                "workloads": list(WORKLOADS),
                # Nothing reads this one: how large a difference does chance make here?
                "settings": [{}, {"env:THREADMARK_PLACEBO": "1"}, *settings],
                "baseline": {},
            }
        },
    }


def _key(name: str) -> str:
    return name if name in CATALOGUE else f"env:{name}"


def write(audit_file: Path, out: Path) -> None:
    """Write the config that a census comes to. Raises DocumentError, or AnalysisError for an audit without a census."""
    audit = documents.read(Audit, audit_file)
    if audit.census is None:
        raise AnalysisError(f"{audit_file} has no census", "audit the image again with this version of the suite")
    lines = [
        "# Every variable that TensorFlow asks for and that could bear on speed, one at a time against the defaults,",
        "# on four workloads that use different parts of it. Written by containers.audit.screening from the census",
        f"# of image {audit.image.name}; the rule is in that module.",
        yaml.safe_dump(screening(audit.census), sort_keys=False, width=120),
    ]
    write_text(out, "\n".join(lines))


def main(argv: list[str] | None = None) -> int:
    """Command line: from an audit to the config that screens its variables."""
    parser = parser_of(main)
    parser.add_argument("--audit", type=Path, required=True, help="of an image, with its census")
    parser.add_argument("--out", type=Path, required=True, help="the config")
    arguments = parser.parse_args(argv)
    return command(lambda: write(arguments.audit, arguments.out))


if __name__ == "__main__":
    raise SystemExit(main())
