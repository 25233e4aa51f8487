"""Cleaning a real engine: what is ours goes, what is somebody else's stays, however alike it looks."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import docker.errors
import pytest
from docker import DockerClient

from containers.clean import things as ours
from containers.clean.things import Thing
from containers.engine.labels import BUILDER, LABEL, LAUNCH, PROBE
from containers.images import bases, recipe
from containers.images import store as images
from containers.images.recipe_identities import current_recipes
from workloads.vocabulary.errors import ImageError
from workloads.vocabulary.inventory import Receipt


@pytest.fixture
def made(client: DockerClient) -> Iterator[list[tuple[str, str]]]:
    """(kind, id) of what a test made; removed at its end if it is still there."""
    made: list[tuple[str, str]] = []
    yield made
    for kind, identifier in made:
        with suppress(docker.errors.NotFound):
            if kind == "container":
                client.api.remove_container(identifier, force=True)
            elif kind == "volume":
                client.api.remove_volume(identifier)
            else:
                client.api.remove_image(identifier, force=True)


def tiny(client: DockerClient, labels: dict[str, str], content: str) -> str:
    """An image of one file, whose content tells it from others."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        entry = tarfile.TarInfo("file")
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content.encode()))
    changes = [f"LABEL {key}={json.dumps(value)}" for key, value in labels.items()]
    said = client.api.import_image_from_data(buffer.getvalue(), changes=changes)
    return str(json.loads(said.strip().splitlines()[-1])["status"])


def listed(client: DockerClient) -> dict[str, set[str]]:
    """Everything in the engine."""
    return {
        "container": {container["Id"] for container in client.api.containers(all=True)},
        "image": {image["Id"] for image in client.api.images()},
        "name": {name for entry in client.api.images() for name in entry["RepoTags"] or []},
        "volume": {volume["Name"] for volume in client.api.volumes()["Volumes"] or []},
    }


def goes(thing: Thing, level: str) -> bool:
    return ours.LEVELS.index(thing.level) <= ours.LEVELS.index(level)  # type: ignore[arg-type]


def test_what_is_ours_goes_and_what_only_looks_like_it_stays(
    client: DockerClient, cpu: Receipt, made: list[tuple[str, str]]
) -> None:
    """Up to level `old`, at which no image goes that other tests need."""
    probe = tiny(client, PROBE, "probe")
    stage = tiny(client, BUILDER, "stage")
    old = tiny(client, {LABEL: "image", bases.RECIPE: "00000000"}, "old")
    client.images.get(old).tag("threadmark/test-old", tag="00000000")
    shared = tiny(client, {LABEL: "image", bases.RECIPE: "00000001"}, "shared")
    client.images.get(shared).tag("threadmark/test-shared", tag="00000001")
    client.images.get(shared).tag("somebody/copy", tag="1")
    theirs = tiny(client, {LABEL: "image", bases.RECIPE: "00000002"}, "theirs")
    client.images.get(theirs).tag("somebody/model", tag="1")
    nameless = tiny(client, {"somebody": "x"}, "nameless")
    made += [("image", entry) for entry in (probe, stage, old, shared, theirs, nameless)]
    containers = {
        kind: str(client.api.create_container(cpu.image.id, ["sleep", "60"], labels=labels)["Id"])
        for kind, labels in {
            "launch": LAUNCH,
            "probe": PROBE,
            "step": BUILDER,
            "from ours": {},  # has the image's label
            "other": {LABEL: "somebody"},
        }.items()
    }
    client.api.start(containers["launch"])
    made += [("container", container) for container in containers.values()]
    for name, labels in {
        "threadmark-model-test": {LABEL: "model"},
        "threadmark-model-theirs": {},
        "threadmark-other-test": {LABEL: "other"},
    }.items():
        client.api.create_volume(name, labels=labels)
        made.append(("volume", name))

    before = listed(client)
    things = ours.in_engine(client, current_recipes())
    for thing in [thing for thing in things if goes(thing, "leftovers")]:
        assert ours.remove(thing) is None
    between = listed(client)
    assert before["container"] - between["container"] == {containers[name] for name in ("launch", "probe", "step")}
    assert before["image"] - between["image"] == {probe, stage}
    assert between["volume"] == before["volume"]

    for thing in things:
        if thing.what in ("image threadmark/test-old:00000000", "image threadmark/test-shared:00000001") or (
            "threadmark-model-test" in thing.what
        ):
            assert thing.level == "old"
            assert ours.remove(thing) is None
    after = listed(client)
    assert between["image"] - after["image"] == {old}
    assert between["name"] - after["name"] == {"threadmark/test-old:00000000", "threadmark/test-shared:00000001"}
    assert between["volume"] - after["volume"] == {"threadmark-model-test"}
    assert after["container"] == between["container"]
    assert not [thing for thing in ours.in_engine(client, current_recipes()) if goes(thing, "leftovers")]


def test_an_image_that_is_in_use_stays_and_the_engines_reason_is_given(
    client: DockerClient, made: list[tuple[str, str]]
) -> None:
    used = tiny(client, {LABEL: "image", bases.RECIPE: "00000003"}, "used")
    client.images.get(used).tag("threadmark/test-used", tag="00000003")
    container = str(client.api.create_container(used, ["/file"])["Id"])
    made += [("container", container), ("image", used)]
    (thing,) = [entry for entry in ours.in_engine(client, set()) if "test-used" in entry.what]
    assert "container" in str(ours.remove(thing))
    assert used in listed(client)["image"]


def test_space_is_counted_by_the_engine(client: DockerClient, made: list[tuple[str, str]]) -> None:
    before = ours.space(client)
    made.append(("image", tiny(client, PROBE, "x" * 3_000_000)))
    assert 2_900_000 < ours.space(client) - before < 3_200_000


def test_half_a_build_is_neither_left_nor_taken_for_what_it_was_built_on(
    client: DockerClient, cpu: Receipt, tmp_path: Path
) -> None:
    """The last step fails: bytecode of a file that is no Python."""
    wanted = {
        LABEL: "environment",
        bases.RECIPE: recipe.environment_identity(image="cpu", base="bootstrap", base_image=None),
    }
    environment = images.find(client, wanted)
    assert environment is not None
    before = listed(client)
    broken = tmp_path / "broken.py"
    broken.write_text("this is no Python\n")
    with pytest.raises(ImageError, match="build of threadmark/test-broken:1 failed"):
        images.build(
            client,
            files={
                "Dockerfile": recipe.ROOT / "containers/images/base/suite.Dockerfile",
                "suite/workloads/broken.py": broken,
            },
            tag="threadmark/test-broken:1",
            arguments={"ENVIRONMENT": environment},
            labels={LABEL: "image", bases.RECIPE: "00000004"},
            scratch=tmp_path,
            log=None,
        )
    assert images.find(client, wanted) == environment
    assert listed(client) == before
