"""Wheels by lock: every file that an image installs, fetched on the host and held against its hash.

The host fetches because it, and not a plain container, trusts the certificates of the network that it
is in. The machine's own pip settings (index, mirror, certificates) apply; its constraints do not.
"""

import hashlib
import os
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from containers.notices import say
from workloads.vocabulary.errors import ImageError

_PIN = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)==(?P<version>[A-Za-z0-9.!+_-]+) *\\?")
_HASH = re.compile(r"--hash=sha256:(?P<digest>[0-9a-f]{64}) *\\?")

# What the images are: CPython 3.11 on x86-64 with glibc 2.36. pip takes these as given, without asking
# the interpreter that runs it, so the host may have another Python.
_TARGET = [
    "--python-version=3.11",
    "--implementation=cp",
    *(f"--abi={abi}" for abi in ("cp311", "abi3", "none")),
    *(f"--platform=manylinux_2_{minor}_x86_64" for minor in range(36, 4, -1)),
    *(f"--platform={name}_x86_64" for name in ("manylinux2014", "manylinux2010", "manylinux1", "linux")),
]


@dataclass(frozen=True)
class Pin:
    """One package of a lock."""

    name: str  # as written in the lock
    version: str
    hashes: frozenset[str]  # sha256 of every file that may be taken for it

    @property
    def requirement(self) -> str:
        """As pip reads it, hashes included."""
        return " ".join([f"{self.name}=={self.version}", *(f"--hash=sha256:{each}" for each in sorted(self.hashes))])

    def owns(self, wheel: Path) -> bool:
        """True if a wheel's file name says that it is this package in this version."""
        name, version, *_ = wheel.name.split("-")
        return plain_name(name) == plain_name(self.name) and version == self.version


def read_lock(path: Path) -> list[Pin]:
    """The packages of a lock file, in its order.

    Raises ImageError, which names file and line, for anything but pins with hashes.
    """
    try:
        lines = path.read_text().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ImageError(f"{path} cannot be read ({error})", "restore it from the repository") from error
    entries: list[tuple[int, str, str, set[str]]] = []
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        if pin := _PIN.fullmatch(text):
            entries.append((number, pin["name"], pin["version"], set()))
        elif entries and (given := _HASH.fullmatch(text)):
            entries[-1][3].add(given["digest"])
        else:
            raise ImageError(
                f"{path} line {number} is neither NAME==VERSION nor --hash=sha256:DIGEST", "make the lock again"
            )
    for number, name, _, hashes in entries:
        if not hashes:
            raise ImageError(f"{path} line {number}: {name} has no hash", "make the lock again with --generate-hashes")
    if not entries:
        raise ImageError(f"{path} names no package", "make the lock again")
    return [Pin(name, version, frozenset(hashes)) for _, name, version, hashes in entries]


def fetch(*, locks: list[Path], wheels: Path) -> list[Path]:
    """See to it that `wheels` holds a wheel with a right hash for every pin of `locks`; returns those wheels.

    Uses no network if they are there already. Raises ImageError: a lock that cannot be read, a package
    that cannot be had, a file that does not match its hash.
    """
    wheels.mkdir(parents=True, exist_ok=True)
    held = []
    for lock in locks:
        pins = read_lock(lock)
        wheel_of = {pin: find_wheel(pin, wheels) for pin in pins}
        missing = [pin for pin in pins if wheel_of[pin] is None]
        if missing:
            say(f"fetching {len(missing)} of the {len(pins)} wheels that {_short(lock)} names ...")
            started = time.monotonic()
            _download(missing, lock=lock, wheels=wheels)
            wheel_of |= {pin: _expect(pin, wheels, lock) for pin in missing}
            size = sum(wheel.stat().st_size for pin in missing if (wheel := wheel_of[pin]))
            say(f"fetched {size / 1e6:.0f} MB in {time.monotonic() - started:.0f} s")
        held += [wheel for wheel in wheel_of.values() if wheel is not None]
    return held


def find_wheel(pin: Pin, wheels: Path) -> Path | None:
    """The wheel of a pin if it lies in `wheels` with a right hash; one with a wrong hash is removed, with a notice."""
    for wheel in sorted(wheels.glob("*.whl")):
        if pin.owns(wheel):
            with wheel.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            if digest in pin.hashes:
                return wheel
            say(f"{wheel} does not match its hash; removing it to fetch it anew")
            wheel.unlink()
    return None


def _expect(pin: Pin, wheels: Path, lock: Path) -> Path:
    wheel = find_wheel(pin, wheels)
    if wheel is None:
        raise ImageError(
            f"pip fetched no wheel of {pin.name} {pin.version} with a hash of {_short(lock)}", "make the lock again"
        )
    return wheel


def _download(pins: list[Pin], *, lock: Path, wheels: Path) -> None:
    with tempfile.TemporaryDirectory(prefix=".fetch-", dir=wheels) as folder:
        # Downloads end up in the cache by a rename, so a killed run leaves no half wheel there.
        requirements = Path(folder, "requirements.txt")
        requirements.write_text("".join(f"{pin.requirement}\n" for pin in pins))
        command = [
            *(sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--disable-pip-version-check"),
            *("--require-hashes", "--only-binary=:all:", "--no-deps", "--no-cache-dir", f"--dest={folder}"),
            *_TARGET,
            *("-r", str(requirements)),
        ]
        # A machine's constraints would contradict the pins; an empty file stands in for them. What pip unpacks on the
        # way stays in the folder too: gigabytes, where a kill leaves them.
        environment = {**os.environ, "PIP_CONSTRAINT": os.devnull, "TMPDIR": folder}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise _pips_error(done.stderr, lock=lock)
        for wheel in sorted(Path(folder).glob("*.whl")):
            wheel.replace(wheels / wheel.name)


def _pips_error(stderr: str, *, lock: Path) -> ImageError:
    """Pip's complaint as one sentence: which package, which lock, what to do."""
    if "DO NOT MATCH THE HASHES" in stderr:
        named = re.search(r"^\s+(\S+==\S+|\S+) from ", stderr, re.MULTILINE)
        package = named[1] if named else "a package"
        return ImageError(
            f"the file that was fetched for {package} does not match its hash in {_short(lock)}",
            "check the package index, or make the lock again if the change is wanted",
        )
    if "No module named pip" in stderr:
        return ImageError(
            f"{sys.executable} has no pip to fetch wheels with", "make its environment again with `python -m venv`"
        )
    errors = [line.removeprefix("ERROR: ") for line in stderr.splitlines() if line.startswith("ERROR: ")]
    what = (errors or stderr.strip().splitlines()[-1:] or ["pip says nothing"])[-1].rstrip(".")
    return ImageError(
        f"the wheels of {_short(lock)} cannot be fetched: {what}", "check the connection to the package index"
    )


def plain_name(name: str) -> str:
    """A package's name in the one form that all its spellings have in common."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _short(lock: Path) -> str:
    """A lock as people know it: its folder and its name."""
    return f"{lock.parent.name}/{lock.name}"
