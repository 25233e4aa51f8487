"""A bundle's outer form: plain files in a tar archive, compressed with xz; the same files give the same bytes.

Reading trusts nothing. What the archive unpacks to is bounded in bytes, and in bytes for each byte of it, while it
unpacks. Then its blocks are looked at one by one: only plain files with plain names below one folder are let in, and
they are bounded in number. Nothing is written: the files are handed on in memory.
"""

import io
import lzma
import re
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from workloads.vocabulary.errors import BundleError

MOST_FILES = 20_000

# Of all files together, unpacked.
MOST_BYTES = 512 * 2**20

# A run's records compress about thirty times: half of them is padding of the environment. Small ones may do better.
_MOST_RATIO = 200
_FREE_BYTES = 32 * 2**20
_MEMORY_BYTES = 128 * 2**20
_CHUNK = 2**16

# Named in full, so that another default of the library does not give other bytes.
_FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "dict_size": 32 * 2**20}]
# 2025-01-01, as in the images: some unpackers complain of files from 1970.
_TIME = 1735689600

# No leading dot or dash; so neither `..` nor hidden files, and nothing outside ASCII with a second form.
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_@+=,.-]*(/[A-Za-z0-9_][A-Za-z0-9_@+=,.-]*)+")
_KINDS = {
    tarfile.SYMTYPE: "a symbolic link",
    tarfile.LNKTYPE: "a hard link",
    tarfile.CHRTYPE: "a device",
    tarfile.BLKTYPE: "a device",
    tarfile.FIFOTYPE: "a named pipe",
    tarfile.DIRTYPE: "a folder of its own",
}


def pack(folder: str, files: Mapping[str, bytes]) -> bytes:
    """The archive of `files` (path -> content) below `folder`. Raises BundleError for a path that has no room in it."""
    tar = io.BytesIO()
    for path in sorted(files):
        if not _NAME.fullmatch(f"{folder}/{path}"):
            raise BundleError(f"{path} cannot go into a bundle: letters, digits and _ @ + = , . - only", "rename it")
        header = tarfile.TarInfo(f"{folder}/{path}")
        header.size, header.mtime, header.mode = len(files[path]), _TIME, 0o644
        try:
            tar.write(header.tobuf(tarfile.USTAR_FORMAT, "ascii", "strict"))
        except ValueError as error:
            raise BundleError(f"{path} cannot go into a bundle ({error})", "give the sweep a shorter name") from None
        tar.write(files[path] + bytes(-len(files[path]) % tarfile.BLOCKSIZE))
    tar.write(bytes(2 * tarfile.BLOCKSIZE))
    tar.write(bytes(-tar.tell() % tarfile.RECORDSIZE))
    return lzma.compress(tar.getvalue(), format=lzma.FORMAT_XZ, check=lzma.CHECK_CRC64, filters=_FILTERS)


def unpack(bundle: Path) -> tuple[str, dict[str, bytes]]:
    """The folder that a bundle unpacks to, and its files (path below that folder -> content), in the archive's order.

    Raises BundleError for whatever is damaged or unsafe, and OSError for a file that cannot be opened.
    """
    place, reader = str(bundle), _Files(str(bundle))
    tar = io.BytesIO(_decompressed(bundle))
    while any(block := _take(tar, tarfile.BLOCKSIZE, place)):
        path, size = reader.announced(block)
        reader.add(path, _take(tar, size, place))
        if any(_take(tar, -size % tarfile.BLOCKSIZE, place)):
            raise BundleError(f"{place}: something is hidden behind {path}", "do not use this bundle")
    rest = tar.read()
    if any(rest) or len(rest) > tarfile.RECORDSIZE:
        raise BundleError(f"{place}: something follows the archive's end", "do not use this bundle")
    return reader.folder, reader.files


def _take(tar: BinaryIO, size: int, place: str) -> bytes:
    """Exactly `size` bytes."""
    taken = tar.read(size)
    if len(taken) < size:
        raise BundleError(f"{place}: it ends too early", "get the whole bundle")
    return taken


def _decompressed(bundle: Path) -> bytes:
    """What an xz file holds, all of it and nothing behind it, within bounds that are looked at as it grows."""
    xz = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MEMORY_BYTES)
    content = bytearray()
    with bundle.open("rb") as file:
        while not xz.eof:
            data = file.read(_CHUNK) if xz.needs_input else b""
            if xz.needs_input and not data:
                raise BundleError(f"{bundle}: it ends too early", "get the whole bundle")
            try:
                content += xz.decompress(data, _CHUNK)
            except lzma.LZMAError as error:
                reason = str(error).rstrip(".")
                raise BundleError(f"{bundle} is no bundle, or a damaged one ({reason})", "get it again") from None
            if len(content) > _FREE_BYTES + _MOST_RATIO * file.tell():
                raise BundleError(f"{bundle} unpacks to more than {_MOST_RATIO} times its size; not unpacked")
            if len(content) > MOST_BYTES + 2 * MOST_FILES * tarfile.BLOCKSIZE:
                raise BundleError(f"{bundle}: it unpacks to more than {MOST_BYTES / 2**20:.0f} MiB of files")
        if xz.unused_data or file.read(1):
            raise BundleError(f"{bundle}: something follows the archive's end", "do not use this bundle")
    return bytes(content)


class _Files:
    """The files of an archive as they come, and what has to be true of them together."""

    def __init__(self, place: str) -> None:
        self.place = place
        self.folder = ""
        self.files: dict[str, bytes] = {}
        self._bytes = 0
        self._spelt: dict[str, str] = {}  # a path in small letters -> the path; a folder's ends in a slash

    def announced(self, block: bytes) -> tuple[str, int]:
        """What comes next, by its header: name and size in bytes."""
        try:
            header = tarfile.TarInfo.frombuf(block, "ascii", "strict")
        except (tarfile.HeaderError, ValueError):
            raise BundleError(f"{self.place}: a damaged header inside", "get the bundle again") from None
        if header.type != tarfile.REGTYPE:
            kind = _KINDS.get(header.type, f"of a kind ({header.type!r}) that no bundle holds")
            raise BundleError(f"{self.place}: {header.name!r} is {kind}, and only plain files are let in")
        if not _NAME.fullmatch(header.name):
            raise BundleError(f"{self.place}: {header.name!r} is no name for a bundle's file", "do not use this bundle")
        if len(self.files) == MOST_FILES:
            raise BundleError(f"{self.place}: more than {MOST_FILES} files; no run of this suite comes near that")
        self._bytes += header.size
        if header.size < 0 or self._bytes > MOST_BYTES:
            raise BundleError(f"{self.place}: {header.name} takes it beyond {MOST_BYTES / 2**20:.0f} MiB; not unpacked")
        return header.name, header.size

    def add(self, name: str, content: bytes) -> None:
        folder, _, path = name.partition("/")
        if self.folder not in ("", folder):
            raise BundleError(f"{self.place}: {name} lies beside the folder {self.folder}", "do not use this bundle")
        self.folder = folder
        self._claim(path)
        self.files[path] = content

    def _claim(self, path: str) -> None:
        """Refuse a path that is there already, or is so for systems that do not tell capitals from small letters."""
        if path in self.files:
            raise BundleError(f"{self.place}: {path} is in it twice", "do not use this bundle")
        parts = path.split("/")
        for way in (path, *("/".join(parts[:depth]) + "/" for depth in range(1, len(parts)))):
            spelling = self._spelt.setdefault(way.casefold().rstrip("/"), way)
            if spelling != way:
                raise BundleError(f"{self.place}: {way} and {spelling} cannot both be there", "do not use this bundle")
