"""Users' own models, as launches see them: in a volume that can be read and not changed, whole or not there."""

from __future__ import annotations

from pathlib import Path

import pytest
from docker import DockerClient

from containers.engine.labels import PROBE
from containers.launch.prepared import Launch
from containers.launch.volumes import COMPLETE, MODEL, provide
from containers.plan.user_models.description import describe
from tests.made.launching import ending_of, supervised
from tests.made.user_models import LINEAR, ReadyModel, written
from workloads.vocabulary.errors import EngineError, RunError
from workloads.vocabulary.inventory import Receipt
from workloads.vocabulary.mounted import MOUNTED
from workloads.vocabulary.plan import Cell, UserModel


def shell(client: DockerClient, ready: tuple[Cell, Launch], script: str) -> tuple[int | None, str]:
    """Its exit status, and all that it printed."""
    cell, prepared = ready
    ending = ending_of(client, cell, supervised(prepared, "/bin/sh", "-c", script))
    return ending.exit_code, ending.stderr.decode()


def test_a_launch_can_read_the_model_and_change_nothing_of_it(
    client: DockerClient, ready_model: ReadyModel, nets: Path
) -> None:
    net = ready_model(nets / "net")
    code, out = shell(client, net, f"cd {MOUNTED} && find . -type f | sort && cat $(find . -type f) > /tmp/all")
    assert code == 0, out
    inside = sorted(f"./model/{path.relative_to(nets / 'net')}" for path in (nets / "net").rglob("*") if path.is_file())
    assert out.splitlines() == [f"./{COMPLETE}", *inside]
    code, err = shell(client, net, f"touch {MOUNTED}/new")
    assert code != 0
    # Its owner, root, could not either: the mount itself is read-only.
    assert "Read-only file system" in err, err


def test_a_volume_is_used_again_and_one_that_a_killed_run_left_half_filled_is_filled(
    client: DockerClient, ready_model: ReadyModel, cpu: Receipt, tmp_path: Path
) -> None:
    path = written(tmp_path / "linear.py", LINEAR)
    model = describe("mine", path, None)
    half = client.volumes.create(model.volume, labels=MODEL)
    script = f"mkdir {MOUNTED}/model && echo half > {MOUNTED}/model/model.py"
    client.containers.run(
        cpu.image.id,
        ["sh", "-c", script],
        entrypoint=[],
        remove=True,
        user="0",
        network_mode="none",
        labels=PROBE,
        volumes={half.name: {"bind": str(MOUNTED), "mode": "rw"}},
    )
    linear = ready_model(path)
    assert shell(client, linear, f"cat {MOUNTED}/model/model.py")[1] == LINEAR
    path.unlink()
    provide(client, model, cpu.image.id)  # needs no file of the host any more


def test_a_model_that_changed_since_the_plan_stops_the_round(
    client: DockerClient, cpu: Receipt, tmp_path: Path
) -> None:
    path = written(tmp_path / "linear.py", LINEAR)
    model = describe("mine", path, None)
    written(path, LINEAR + "# edited\n")
    try:
        with pytest.raises(RunError, match="has changed since the plan was made"):
            provide(client, model, cpu.image.id)
    finally:
        client.volumes.get(model.volume).remove()


def test_a_volume_of_somebody_else_is_left_alone(client: DockerClient, cpu: Receipt) -> None:
    model = UserModel("x.py", None, "feed" * 16)
    foreign = client.volumes.create(model.volume)
    try:
        with pytest.raises(EngineError, match="is not this suite's"):
            provide(client, model, cpu.image.id)
    finally:
        foreign.remove()
