"""Which environment variables TensorFlow, and what it brings with it, ask for: seen, in this process.

    LD_PRELOAD=/opt/threadmark/census.so python3 -m workloads.harness.census SUBJECT [NAME ...]

SUBJECT is a name of `exercise.SUBJECTS`; each NAME is a variable to look for in libraries, however it begins. Each
phase's `Told` goes to standard output as a line, alone there, when it ends: a phase that ends the process takes none of
the earlier ones with it. Questions by getenv are noted by the preloaded library, Python's own by a look at os.environ.
"""

import ctypes
import json
import os
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from workloads.harness import exercise
from workloads.harness.worker import private_stdout
from workloads.vocabulary.census import CensusPhase, VariableRead, added

LIBRARY = "/opt/threadmark/census.so"

# A whole text of a library that begins like the variables of TensorFlow and of what it is built with.
_NAMES = re.compile(
    rb"(?<=\x00)((?:TF|TFG|TENSORFLOW|ONEDNN|DNNL|MKL|MKLDNN|ZENDNN|OMP|KMP|GOMP|XLA|TPU|CUDA|CUDNN|CUBLAS|NCCL|NVIDIA"
    rb"|OPENBLAS|GOTO|EIGEN|GRPC|KERAS)_[A-Z0-9_]{2,60})(?=\x00)"
)

# Python's own way to its variables: whoever called these asked.
_WAYS = ("/os.py", "<frozen os>", "/_collections_abc.py", "<frozen _collections_abc>")


@dataclass(frozen=True)
class Told:
    """What came of a phase, or, in the last line, of the whole process."""

    phase: CensusPhase | None
    reads: list[VariableRead]
    names: dict[str, list[str]] = field(default_factory=dict)  # that stand in libraries
    unseen: dict[str, str] = field(default_factory=dict)
    not_noted: int = 0


class _Python:
    """Notes which line of Python asks os.environ for what."""

    def __init__(self) -> None:
        self.asked: Counter[tuple[str, str]] = Counter()
        kind: Any = type(os.environ)
        get = kind.__getitem__

        def noting(environ: Any, key: Any) -> Any:
            self.asked[os.fsdecode(key) if isinstance(key, str | bytes) else repr(key), _caller()] += 1
            return get(environ, key)

        kind.__getitem__ = noting

    def taken(self, phase: str) -> list[VariableRead]:
        """What was asked for since the last time."""
        reads = [VariableRead(name, by, {phase: times}) for (name, by), times in self.asked.items()]
        self.asked.clear()
        return reads


def _caller() -> str:
    frame = sys._getframe(2)
    while frame.f_back is not None and frame.f_code.co_filename.endswith(_WAYS):
        frame = frame.f_back
    return f"{short(frame.f_code.co_filename)}:{frame.f_lineno}"


def short(path: str) -> str:
    """A file below a folder of packages, without that folder."""
    path = os.path.normpath(path)
    folders = sorted((place for place in sys.path if place and path.startswith(f"{place}/")), key=len)
    return path.removeprefix(f"{folders[-1]}/") if folders else path


class _Libraries:
    """Asks the preloaded library what it has noted."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(LIBRARY)
        self._library.census_reads.restype = ctypes.c_ulong

    def taken(self, phase: str) -> tuple[list[VariableRead], int]:
        """What was asked for since the last time, and how many questions had no room so far."""
        lost, lines = self._lines(self._library.census_reads)
        fields = [line.split("\t") for line in lines]
        return [VariableRead(unquote(name), short(by), {phase: int(times)}) for name, by, times in fields], lost

    def unseen(self) -> dict[str, str]:
        """Loaded libraries whose questions may go past the census, and how."""
        _, lines = self._lines(self._library.census_objects)
        pairs = [line.split("\t") for line in lines if not line.startswith(LIBRARY)]
        return {short(name): how for name, how in pairs}

    def _lines(self, told: Any) -> tuple[int, list[str]]:
        with tempfile.TemporaryFile() as file:
            number = int(told(file.fileno()))
            file.seek(0)
            return number, file.read().decode().splitlines()


def mapped() -> list[str]:
    """The files of all libraries that this process has loaded."""
    lines = Path("/proc/self/maps").read_text().splitlines()
    return sorted({line[line.index("/") :] for line in lines if "/" in line and ".so" in line})


def names_in(files: Iterable[str], wanted: Iterable[str] = ()) -> dict[str, list[str]]:
    """Variables by their names, and the libraries in which these stand as whole texts: usual ones, and the wanted."""
    found: dict[str, list[str]] = {}
    for file in files:
        if Path(file).is_file():
            content = Path(file).read_bytes()
            names = {name.decode() for name in _NAMES.findall(content)}
            for name in sorted(names | {name for name in wanted if b"\0%b\0" % name.encode() in content}):
                found.setdefault(name, []).append(short(file))
    return dict(sorted(found.items()))


def main(argv: list[str]) -> int:
    """Take the census of a subject; gives the exit status."""
    answers = private_stdout()
    python, libraries = _Python(), _Libraries()

    def tell(told: Told) -> None:
        answers.write(json.dumps(asdict(told)) + "\n")
        answers.flush()

    with answers:
        for step in exercise.SUBJECTS[argv[0]]():
            failed = None
            try:
                step.run()
            except Exception as error:  # what one phase cannot do says nothing of the next
                failed = f"{type(error).__name__}: {error}"[:300]
            reads, lost = libraries.taken(step.name)
            reads += python.taken(step.name)
            tell(Told(CensusPhase(step.name, step.workload, failed), added(reads), not_noted=lost))
        tell(Told(None, [], names_in(mapped(), argv[1:]), libraries.unseen()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
