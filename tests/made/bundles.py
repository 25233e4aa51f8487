"""A small machine's folder and bundles made from it, good ones and bad ones; nothing in them was measured."""

from __future__ import annotations

import dataclasses
import io
import lzma
import tarfile
import tempfile
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import yaml

from analysis.bundle.archive import unpack
from analysis.bundle.contents import SUMS, sums
from analysis.bundle.make import make
from containers.plan.config import validate
from tests.made.simulated import MACHINE as MACHINE
from tests.made.simulated import Noise, switch, write_simulated_machine
from workloads.vocabulary.plan import Plan
from workloads.vocabulary.record import to_json

_SWEEP = {
    "question": "What does oneDNN bring?",
    "workloads": ["conv"],
    "grid": {"TF_ENABLE_ONEDNN_OPTS": [1, 0]},
    "baseline": {"TF_ENABLE_ONEDNN_OPTS": 1},
}
CONFIG = {"rounds": 2, "workloads": {"conv": {}}, "sweeps": {"onednn": _SWEEP}}


def small_machine(root: Path, *, seed: int = 1, config: Mapping[str, object] | None = None) -> Plan:
    """Fill `root` with two rounds of one sweep, and the config that they could come from."""
    plan = write_simulated_machine(root, [switch(rounds=2)], seed=seed, noise=Noise(samples=5))
    whole = validate({**CONFIG, **(config or {})}).model_dump(mode="json")
    return rewrite(root, dataclasses.replace(plan, config=whole))


def rewrite(root: Path, plan: Plan) -> Plan:
    """Put another plan into a machine's folder, and its config beside it."""
    (root / "plan.json").write_text(to_json(plan) + "\n")
    (root / "config.yaml").write_text(yaml.safe_dump(plan.config, sort_keys=False))
    return plan


@cache
def small_bundle() -> bytes:
    """The bundle of `small_machine`."""
    with tempfile.TemporaryDirectory() as name:
        small_machine(Path(name))
        return make(Path(name), None)


@cache
def small_files() -> dict[str, bytes]:
    """The files of `small_bundle`, with claims that take no time to read and without what can be made again."""
    with tempfile.TemporaryDirectory() as name:
        files = unpacked(small_bundle(), Path(name))
    claim = "{id: a, sentence: A sentence., source: G, untested: Nobody can., refuted_by: Nothing.}"
    claims = f"sources: {{G: A guide}}\nclaims:\n  - {claim}\n".encode()
    kept = {file: files[file] for file in files if not file.startswith(("tables/", "figures/", "suite/containers/"))}
    return summed(kept | {"suite/config/claims.yaml": claims, "suite/requirements.lock": b"seaborn==0.0.1\n"})


def unpacked(bundle: bytes, folder: Path) -> dict[str, bytes]:
    """The files of a bundle that is let in."""
    path = folder / "given.tar.xz"
    path.write_bytes(bundle)
    return unpack(path)[1]


def summed(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The same files with the checksums of what they are now."""
    others = {file: content for file, content in files.items() if file != SUMS}
    return {**others, SUMS: sums(others)}


def member(name: str, content: bytes = b"", *, kind: bytes = tarfile.REGTYPE, link: str = "") -> tuple[bytes, bytes]:
    """A header of any kind, as another program would write it, and the content that follows it."""
    header = tarfile.TarInfo(name)
    header.size, header.type, header.linkname = len(content), kind, link
    return header.tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape"), content


def archive(members: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Headers and contents as they are given, in an archive that is well formed around them; quick, not small."""
    tar = io.BytesIO()
    for header, content in members:
        tar.write(header + content + bytes(-len(content) % tarfile.BLOCKSIZE))
    tar.write(bytes(2 * tarfile.BLOCKSIZE))
    return lzma.compress(tar.getvalue(), preset=0)


def packed(files: Mapping[str, bytes], folder: str = MACHINE) -> bytes:
    """Files as a bundle, quickly."""
    return archive([member(f"{folder}/{file}", content) for file, content in files.items()])
