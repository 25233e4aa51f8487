"""Wheels by lock. The fetching is pip's own, from a folder of small wheels instead of an index."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import pytest

from containers.images.recipe import ROOT
from containers.images.wheels import Pin, fetch, find_wheel, read_lock
from workloads.vocabulary.errors import ImageError


def make_wheel(folder: Path, name: str, version: str, *, body: str = "") -> str:
    """Write a valid wheel of an empty package into `folder`; returns its sha256."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}-{version}-py3-none-any.whl"
    about = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"{name}/__init__.py", body)
        wheel.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        wheel.writestr(
            f"{about}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{about}/RECORD", "")
    return hashlib.sha256(path.read_bytes()).hexdigest()


def make_lock(folder: Path, *pins: tuple[str, str, str]) -> Path:
    folder.mkdir(exist_ok=True)
    lock = folder / "requirements.lock"
    lock.write_text("".join(f"{name}=={version} \\\n    --hash=sha256:{digest}\n" for name, version, digest in pins))
    return lock


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only place where pip finds anything; empty at first."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


LOCKS = sorted(ROOT.glob("containers/images/*/*.lock"))


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: f"{path.parent.name}")
def test_the_locks_name_pins_with_hashes_and_neither_hosts_nor_machines(path: Path) -> None:
    assert all(pin.hashes for pin in read_lock(path))
    text = path.read_text()
    assert "://" not in text
    assert " /" not in text
    assert "--index-url" not in text
    assert "--find-links " not in text


def test_the_locks_leave_out_what_never_runs() -> None:
    locks = [ROOT / f"containers/images/{image}/requirements.lock" for image in ("cpu", "cuda")]
    names = {pin.name for lock in locks for pin in read_lock(lock)}
    assert not names & {"libclang", "pip", "setuptools", "wheel"}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("absl-py>=2\n", 1),
        ("# made by uv\nabsl-py==2.5.1\nsix==1.17.0 \\\n    --hash=sha256:" + "0" * 64 + "\n", 2),
        ("six==1.17.0 \\\n    --hash=md5:0123\n", 2),
        ("    --hash=sha256:" + "0" * 64 + "\n", 1),
        ("--index-url somewhere\n", 1),
        ("six==1.17.0 ; python_version < '3' \\\n", 1),
    ],
)
def test_a_lock_that_is_not_pins_with_hashes_is_refused_by_file_and_line(tmp_path: Path, text: str, line: int) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text(text)
    with pytest.raises(ImageError, match=rf"requirements\.lock line {line}\b"):
        read_lock(lock)


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe\x00", b"# nothing\n"])
def test_an_unreadable_or_empty_lock_is_refused_by_its_path(tmp_path: Path, content: bytes | None) -> None:
    lock = tmp_path / "requirements.lock"
    if content is not None:
        lock.write_bytes(content)
    with pytest.raises(ImageError, match=r"requirements\.lock"):
        read_lock(lock)


def test_a_wheel_belongs_to_its_pin_however_the_name_is_written() -> None:
    pin = Pin("google-pasta", "0.2.0", frozenset())
    assert pin.owns(Path("google_pasta-0.2.0-py3-none-any.whl"))
    assert pin.owns(Path("Google.Pasta-0.2.0-py3-none-any.whl"))
    assert not pin.owns(Path("google_pasta-0.2.1-py3-none-any.whl"))
    assert not pin.owns(Path("google_pasta_extra-0.2.0-py3-none-any.whl"))


def test_fetching_brings_every_wheel_of_every_lock(tmp_path: Path, index: Path) -> None:
    result, two = make_wheel(index, "one", "1.0"), make_wheel(index, "two", "2.0")
    locks = [make_lock(tmp_path / "a", ("one", "1.0", result)), make_lock(tmp_path / "b", ("two", "2.0", two))]
    wheels = fetch(locks=locks, wheels=tmp_path / "wheels")
    assert [wheel.name for wheel in wheels] == ["one-1.0-py3-none-any.whl", "two-2.0-py3-none-any.whl"]
    assert sorted((tmp_path / "wheels").iterdir()) == sorted(wheels)  # and nothing else is left there


def test_what_is_there_already_is_not_fetched(tmp_path: Path, index: Path) -> None:
    """The index is empty here: pip would fail if it were asked."""
    digest = make_wheel(tmp_path / "wheels", "one", "1.0")
    lock = make_lock(tmp_path / "a", ("one", "1.0", digest))
    assert len(fetch(locks=[lock], wheels=tmp_path / "wheels")) == 1


def test_a_damaged_wheel_is_removed_aloud_and_fetched_anew(
    tmp_path: Path, index: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    digest = make_wheel(index, "one", "1.0")
    lock = make_lock(tmp_path / "a", ("one", "1.0", digest))
    (wheel,) = fetch(locks=[lock], wheels=tmp_path / "wheels")
    wheel.write_bytes(wheel.read_bytes()[:-1] + b"x")
    capsys.readouterr()
    (again,) = fetch(locks=[lock], wheels=tmp_path / "wheels")
    assert hashlib.sha256(again.read_bytes()).hexdigest() == digest
    assert "does not match its hash" in capsys.readouterr().err


def test_a_damaged_wheel_is_never_returned(tmp_path: Path) -> None:
    digest = make_wheel(tmp_path, "one", "1.0")
    wheel = next(tmp_path.glob("*.whl"))
    assert find_wheel(Pin("one", "1.0", frozenset({digest})), tmp_path) == wheel
    assert find_wheel(Pin("one", "1.0", frozenset({"0" * 64})), tmp_path) is None
    assert not wheel.exists()


def test_an_index_that_offers_other_bytes_is_refused_by_package_and_lock(tmp_path: Path, index: Path) -> None:
    make_wheel(index, "one", "1.0", body="evil = True")
    lock = make_lock(tmp_path / "cpu", ("one", "1.0", "0" * 64))
    with pytest.raises(ImageError, match=r"one==1\.0.* does not match its hash in cpu/requirements\.lock"):
        fetch(locks=[lock], wheels=tmp_path / "wheels")
    assert not list((tmp_path / "wheels").iterdir())


def test_a_package_that_cannot_be_had_is_named(tmp_path: Path, index: Path) -> None:
    lock = make_lock(tmp_path / "cpu", ("absent", "1.0", "0" * 64))
    with pytest.raises(ImageError, match=r"cpu/requirements\.lock .*absent==1\.0"):
        fetch(locks=[lock], wheels=tmp_path / "wheels")


def test_constraints_of_the_machine_do_not_reach_the_lock(
    tmp_path: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = make_wheel(index, "one", "1.0")
    (tmp_path / "constraints.txt").write_text("one==3.0\n")
    (tmp_path / "pip.conf").write_text(f"[global]\nconstraint = {tmp_path / 'constraints.txt'}\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    monkeypatch.setenv("PIP_CONSTRAINT", str(tmp_path / "constraints.txt"))
    lock = make_lock(tmp_path / "cpu", ("one", "1.0", digest))
    assert len(fetch(locks=[lock], wheels=tmp_path / "wheels")) == 1
