"""What an image contains, read from its exported file system: the identity of the content, and the packages."""

import hashlib
import io
import json
import re
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.parser import HeaderParser
from typing import Any

from workloads.vocabulary.inventory import Package

# Planted by the engine in every container, or mounted over in a launch.
_ENGINES = re.compile(r"(dev|proc|sys)(/|$)|\.dockerenv$|run/\.containerenv$|etc/(hosts|hostname|resolv\.conf|mtab)$")

_BLOCK = 1 << 20


@dataclass(frozen=True)
class Contents:
    """An image's file system, summed up."""

    identity: str  # sha256, the same for two builds that hold the same
    packages: list[Package]  # Debian's and Python's, sorted by kind and name


def read_contents(export: Iterable[bytes], config: dict[str, Any]) -> Contents:
    """Sum up an image from the tar archive of its file system and the engine's `Config` of it.

    The identity covers each entry's path, type, mode, owner, link target and content, and those settings
    that change what a process sees. Times are left out: two builds differ in them and in nothing else.
    """
    lines: dict[str, str] = {}
    digests: dict[str, str] = {}
    packages: list[Package] = []
    with tarfile.open(fileobj=io.BufferedReader(_Chunks(export), _BLOCK), mode="r|", bufsize=_BLOCK) as archive:
        for entry in archive:
            path = entry.name.removeprefix("./").rstrip("/")
            if path in {"", "."} or _ENGINES.match(path):
                continue
            if entry.isreg():
                digests[path] = _digest(archive, entry, path, packages)
            elif entry.islnk():
                # Which of two names is "the file" is the archiver's choice.
                digests[path] = digests[entry.linkname.removeprefix("./")]
            kind = "file" if path in digests else entry.type.decode()
            link = entry.linkname if entry.issym() else ""
            fields = [path, kind, f"{entry.mode & 0o7777:o}", str(entry.uid), str(entry.gid), link]
            lines[path] = json.dumps([*fields, digests.get(path, "")])
    whole = hashlib.sha256(json.dumps(_settings(config), sort_keys=True).encode())
    for path in sorted(lines):
        whole.update(b"\n" + lines[path].encode())
    return Contents(whole.hexdigest(), sorted(packages, key=lambda package: (package.kind, package.name)))


def _settings(config: dict[str, Any]) -> dict[str, Any]:
    """The part of an image's config that a process can notice; engines write "nothing" in several ways."""
    return {
        "Env": sorted(config.get("Env") or []),
        "User": config.get("User") or "",
        "WorkingDir": config.get("WorkingDir") or "/",
        "Entrypoint": config.get("Entrypoint") or [],
        "Cmd": config.get("Cmd") or [],
    }


def _digest(archive: tarfile.TarFile, entry: tarfile.TarInfo, path: str, packages: list[Package]) -> str:
    """The sha256 of a file's content; what names packages is read on the way."""
    file = archive.extractfile(entry)
    assert file is not None  # it is a regular file
    if path == "var/lib/dpkg/status":
        content = file.read()
        packages += debian_packages(content.decode())
    elif path.endswith(".dist-info/METADATA"):
        content = file.read()
        packages.append(_python_package(content.decode()))
    else:
        return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    return hashlib.sha256(content).hexdigest()


def debian_packages(status: str) -> Iterator[Package]:
    """The installed packages of a dpkg status file."""
    for stanza in status.split("\n\n"):
        fields = HeaderParser().parsestr(stanza.strip("\n"))
        if fields["Status"] == "install ok installed":
            yield Package(fields["Package"], fields["Version"], "debian")


def _python_package(metadata: str) -> Package:
    fields = HeaderParser().parsestr(metadata)
    return Package(fields["Name"], fields["Version"], "python")


class _Chunks(io.RawIOBase):
    """A stream of chunks, as the engine sends them, as a file that can be read."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._rest = memoryview(chunk)
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size
