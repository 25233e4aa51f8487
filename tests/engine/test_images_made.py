"""Making images from nothing: the same bytes twice, and a base from a real registry on loopback."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import shutil
import socket
import subprocess
import tarfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from docker import DockerClient

from containers.engine import connection as engine
from containers.engine.labels import LABEL, PROBE
from containers.images import bases, build, recipe
from containers.images import store as images
from containers.images.bootstrap import bootstrap
from containers.images.recipe import Recipe
from workloads.vocabulary.errors import ImageError
from workloads.vocabulary.inventory import Receipt

REGISTRY_CONFIG = """
version: 0.1
storage:
  filesystem:
    rootdirectory: {folder}/storage
http:
  addr: 127.0.0.1:{port}
"""


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@pytest.fixture(scope="module")
def registry_program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Debian's docker-registry, unpacked and not installed."""
    if (installed := shutil.which("docker-registry")) is not None:
        return Path(installed)
    if shutil.which("apt-get") is None:
        pytest.skip("docker-registry comes from Debian or Ubuntu")
    folder = tmp_path_factory.mktemp("registry")
    download = ["apt-get", "-qq", "download", "docker-registry"]
    if subprocess.run(download, cwd=folder, check=False).returncode != 0:  # no package lists yet
        subprocess.run(["apt-get", "-qq", "update"], check=True)
        subprocess.run(download, cwd=folder, check=True)
    (package,) = folder.glob("*.deb")
    subprocess.run(["dpkg-deb", "--extract", str(package), str(folder)], check=True)
    return folder / "usr" / "bin" / "docker-registry"


@dataclasses.dataclass
class Registry:
    """A registry on loopback, which engines take without TLS."""

    address: str
    process: subprocess.Popen[bytes]
    log: Path

    def hold(self, client: DockerClient, image: str) -> str:
        """Push an image, forget its name here, and give its reference by digest."""
        name = f"{self.address}/threadmark/base"
        client.images.get(image).tag(name, tag="pushed")
        said = client.api.push(name, tag="pushed", stream=True, decode=True)
        (digest,) = [line["aux"]["Digest"] for line in said if "Digest" in line.get("aux", {})]
        client.images.remove(f"{name}:pushed")
        return f"{name}@{digest}"


@pytest.fixture
def registry(registry_program: Path, tmp_path: Path) -> Iterator[Registry]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config, log = tmp_path / "registry.yml", tmp_path / "registry.log"
    config.write_text(REGISTRY_CONFIG.format(folder=tmp_path, port=port))
    with log.open("wb") as output:
        process = subprocess.Popen([registry_program, "serve", config], stdout=output, stderr=output)
    try:
        for _ in range(100):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/v2/").close()
                break
            except urllib.error.URLError:
                assert process.poll() is None, log.read_text()
                time.sleep(0.1)
        yield Registry(f"127.0.0.1:{port}", process, log)
    finally:
        process.terminate()
        process.wait()


def forget(client: DockerClient, *names: str) -> None:
    """Remove what a test made beside the images that stay."""
    for name in names:
        client.images.remove(name, force=True)


@pytest.mark.long
def test_a_base_bootstrapped_twice_is_identical_to_the_bit(tmp_path: Path) -> None:
    for name in ("one.tar", "two.tar"):
        bootstrap(target=tmp_path / name)
    assert (tmp_path / "one.tar").stat().st_size > 50_000_000
    assert sha256(tmp_path / "one.tar") == sha256(tmp_path / "two.tar")


@pytest.mark.long
def test_a_second_build_on_a_base_from_a_registry_holds_the_same(
    client: DockerClient, cpu: Receipt, registry: Registry, tmp_path: Path
) -> None:
    """Nothing of the first build is used again but the wheels: other base identity, no cached layer."""
    standing = images.find(
        client, {LABEL: "base", bases.RECIPE: recipe.base_identity(base="bootstrap", base_image=None)}
    )
    assert standing is not None
    reference = registry.hold(client, standing)
    what = Recipe("cpu", base="registry", base_image=reference)
    receipt = build.provide(client, what)
    names = [
        f"threadmark/cpu:{receipt.context}",
        f"threadmark/cpu-environment:{recipe.environment_identity(**what.options)}",
        reference,
    ]
    try:
        assert receipt.base == f"registry: {reference}"
        assert f"/v2/threadmark/base/manifests/{reference.split('@')[1]}" in registry.log.read_text()
        assert receipt.image.id != cpu.image.id
        assert receipt.context != cpu.context
        assert receipt.base_content == cpu.base_content
        assert receipt.image.content == cpu.image.content
        assert receipt.packages == cpu.packages
    finally:
        forget(client, *names)


def test_a_registry_without_the_image_is_an_error_and_with_auto_a_reason_to_bootstrap(
    client: DockerClient, cpu: Receipt, registry: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    reference = f"{registry.address}/threadmark/base@sha256:{'0' * 64}"
    with pytest.raises(ImageError, match=rf"{reference} cannot be had .*use base: bootstrap"):
        bases.provide_base(client, Recipe("cpu", base="registry", base_image=reference))
    base = bases.provide_base(client, Recipe("cpu", base="auto", base_image=reference))
    assert base.origin == cpu.base
    assert "bootstrapping one instead" in capsys.readouterr().err


def test_a_registry_that_does_not_answer_is_an_error_and_with_auto_a_reason_to_bootstrap(
    client: DockerClient, cpu: Receipt, registry: Registry
) -> None:
    registry.process.terminate()
    registry.process.wait()
    reference = f"{registry.address}/threadmark/base@sha256:{'0' * 64}"
    with pytest.raises(ImageError, match=r"connection refused.*base: bootstrap"):
        bases.provide_base(client, Recipe("cpu", base="registry", base_image=reference))
    base = bases.provide_base(client, Recipe("cpu", base="auto", base_image=reference))
    assert base.content == cpu.base_content


def test_a_base_without_python_is_refused_in_one_sentence(client: DockerClient, registry: Registry) -> None:
    rootfs = io.BytesIO()
    with tarfile.open(fileobj=rootfs, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("nothing"))
    empty = engine.import_image(client, rootfs=rootfs.getvalue(), labels=PROBE)
    reference = registry.hold(client, empty)
    try:
        with pytest.raises(ImageError, match=rf"no Python runs in the base \(registry: {reference}\).*name another"):
            bases.provide_base(client, Recipe("cpu", base="auto", base_image=reference))
    finally:
        forget(client, reference)
