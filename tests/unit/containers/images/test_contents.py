"""What is sent to the builder, and what is read back of an image."""

from __future__ import annotations

import io
import os
import tarfile
from pathlib import Path
from typing import Any

import pytest

from containers.engine.archive import write_archive
from containers.images.bootstrap import SCRATCH, bootstrap, mmdebstrap_command, read_recipe
from containers.images.contents import Contents, debian_packages, read_contents
from containers.images.recipe import ROOT
from workloads.vocabulary.errors import ImageError
from workloads.vocabulary.inventory import Package

STATUS = """Package: libc6
Status: install ok installed
Version: 2.36-9
Description: a library
 with more to say

Package: gone
Status: deinstall ok config-files
Version: 1.0
"""


def archive(files: dict[str, Path]) -> bytes:
    buffer = io.BytesIO()
    write_archive(files, buffer)
    return buffer.getvalue()


def test_a_context_is_the_same_bytes_whatever_the_files_times_modes_and_order(tmp_path: Path) -> None:
    result, two = tmp_path / "one", tmp_path / "two"
    result.write_text("1")
    two.write_text("2")
    before = archive({"x/one": result, "two": two})
    result.chmod(0o600)
    os.utime(two, (1, 1))
    assert archive({"two": two, "x/one": result}) == before
    two.write_text("3")
    assert archive({"two": two, "x/one": result}) != before


def test_a_context_can_be_read_by_the_user_that_runs_in_the_image(tmp_path: Path) -> None:
    (tmp_path / "one").write_text("1")
    (tmp_path / "one").chmod(0o600)
    with tarfile.open(fileobj=io.BytesIO(archive({"one": tmp_path / "one"}))) as content:
        (entry,) = content.getmembers()
    assert (entry.mode, entry.uid, entry.gid, entry.mtime) == (0o644, 0, 0, 0)


class FileSystem:
    """An exported file system, put together entry by entry."""

    def __init__(self) -> None:
        self._entries: list[tuple[tarfile.TarInfo, bytes]] = []

    def add(self, name: str, content: bytes = b"", **fields: Any) -> FileSystem:
        """One more entry; `fields` are those of a TarInfo."""
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        for field, value in fields.items():
            setattr(entry, field, value)
        self._entries.append((entry, content))
        return self

    def contents(self, block: int = 10_000, **config: Any) -> Contents:
        """Read it back, in chunks of `block` bytes as the engine would send them."""
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as export:
            for entry, content in self._entries:
                export.addfile(entry, io.BytesIO(content))
        data = buffer.getvalue()
        return read_contents((data[at : at + block] for at in range(0, len(data), block)), config)


def plain() -> FileSystem:
    return FileSystem().add("a/x", b"1", mode=0o644)


def test_the_identity_leaves_out_times_order_and_what_the_engine_plants() -> None:
    result = FileSystem().add("a/x", b"1", mtime=5).add("a/y", b"2")
    two = (
        FileSystem()
        .add("./a/y", b"2")
        .add(".dockerenv")
        .add("a/x", b"1", mtime=9)
        .add("etc/hosts", b"127.0.0.1")
        .add("dev/console")
        .add("proc", type=tarfile.DIRTYPE)
    )
    assert result.contents().identity == two.contents(block=7).identity


@pytest.mark.parametrize(
    "other",
    [
        FileSystem().add("a/x", b"2", mode=0o644),
        FileSystem().add("a/z", b"1", mode=0o644),
        FileSystem().add("a/x", b"1", mode=0o755),
        FileSystem().add("a/x", b"1", mode=0o644, uid=1),
        FileSystem().add("a/x", b"1", mode=0o644, gid=1),
        FileSystem().add("a/x", type=tarfile.SYMTYPE, linkname="1", mode=0o644),
        plain().add("b", type=tarfile.DIRTYPE),
        plain().add("etc/hosts.allow"),
    ],
)
def test_the_identity_covers_content_path_mode_owner_and_kind(other: FileSystem) -> None:
    assert other.contents().identity != plain().contents().identity


@pytest.mark.parametrize(
    "config", [{"Env": ["A=1"]}, {"User": "1"}, {"WorkingDir": "/x"}, {"Entrypoint": ["x"]}, {"Cmd": ["x"]}]
)
def test_the_identity_covers_the_settings_that_a_process_sees(config: dict[str, Any]) -> None:
    assert plain().contents(**config).identity != plain().contents().identity
    assert plain().contents(Labels={"x": "y"}, Cmd=None).identity == plain().contents(Cmd=[]).identity


def test_which_of_two_hard_links_comes_first_does_not_matter() -> None:
    result = FileSystem().add("a", b"1").add("b", type=tarfile.LNKTYPE, linkname="a")
    two = FileSystem().add("b", b"1").add("a", type=tarfile.LNKTYPE, linkname="b")
    assert result.contents().identity == two.contents().identity


def test_packages_are_read_from_what_is_installed() -> None:
    system = (
        FileSystem()
        .add("var/lib/dpkg/status", STATUS.encode())
        .add("opt/site/Six-1.0.dist-info/METADATA", b"Metadata-Version: 2.1\nName: six\nVersion: 1.0\n\nVersion: 9\n")
    )
    assert system.contents().packages == [Package("libc6", "2.36-9", "debian"), Package("six", "1.0", "python")]


def test_a_system_without_packages_has_none() -> None:
    assert plain().contents().packages == []
    assert list(debian_packages("")) == []


def test_the_bootstrap_names_no_mirror_and_pins_the_clock() -> None:
    recipe = read_recipe(ROOT / "containers/images/base/debian.toml")
    line = mmdebstrap_command(recipe, clean=Path("/c"), target=Path("/t"))
    assert line[-2:] == ["bookworm", "/t"]  # a mirror would stand behind the target
    assert "://" not in " ".join(line)
    assert recipe.epoch == 1735689600


def test_a_base_is_put_together_in_a_folder_that_clean_knows_and_apts_user_can_enter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that a kill leaves nothing unknown. The stand-in writes down where it was to work."""
    program = tmp_path / "bin/mmdebstrap"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\nfor target; do :; done\necho "$TMPDIR" $(stat -c %a "$TMPDIR") > "$target"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)
    bootstrap(target=tmp_path / "cache/rootfs.tar")
    scratch, mode = (tmp_path / "cache/rootfs.tar").read_text().split()
    assert Path(scratch).name.startswith(SCRATCH)
    assert mode == "755"
    assert not Path(scratch).exists()


def test_without_mmdebstrap_the_other_ways_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ImageError, match=r"install it .*base_image: NAME@sha256:DIGEST"):
        bootstrap(target=tmp_path / "rootfs.tar")


@pytest.mark.parametrize("text", ["suite = 'bookworm'", "suite = ", "suit = 'x'"])
def test_a_damaged_base_recipe_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "debian.toml").write_text(text)
    with pytest.raises(ImageError, match=r"debian\.toml cannot be read"):
        read_recipe(tmp_path / "debian.toml")
