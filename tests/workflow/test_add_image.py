"""Adding an image is adding its folder: a tree with one more is planned, identified and looked over."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.made.workflow_tree import Snakemake

CONFIG = """
rounds: 1
workloads: {matmul: {params: {n: 64}}}
sweeps:
  builds:
    question: Is the other build faster?
    workloads: [matmul]
    grid: {image: [default, other-build]}
    baseline: {image: default}
"""

PLANNED = """
import json
from dataclasses import asdict
from pathlib import Path
from containers.doctor import room
from containers.host.machine import Host
from containers.images.declaration import declaration
from containers.plan.config import read, validate
from containers.plan.make import contexts_of, make_plan
config = validate(read(Path("config/mine.yaml")))
plan = make_plan(config, Host("a-1c-000000", [0], 1, "no GPU"), contexts_of(config))
facts = room.RoomFacts(1, 1, None, 0, 0, 0, 1, [declaration(name) for name in plan.images])
lines = {line.name: line.seen for line in room.judge(facts)}
print(json.dumps([asdict(plan), lines]))
"""


@pytest.fixture
def with_image(tree: Path) -> Path:
    """A tree with an image more, which a sweep compares with the default one."""
    folder = tree / "containers/images/other-build"
    shutil.copytree(tree / "containers/images/cpu", folder)
    toml = (folder / "image.toml").read_text().replace("default = true\n", "").replace('"always"', '"used"')
    (folder / "image.toml").write_text(toml.replace("400_000_000", "700_000_000"))
    common = (tree / "containers/images/base/Dockerfile").read_text()
    (folder / "Dockerfile").write_text(common + "ENV OTHER=1\n")
    (tree / "config/mine.yaml").write_text(CONFIG)
    return tree


def test_it_is_planned_and_identified_and_has_room(with_image: Path) -> None:
    answer = subprocess.run(
        [sys.executable, "-c", PLANNED], cwd=with_image, capture_output=True, text=True, check=True, env={}
    )
    plan, room = json.loads(answer.stdout)
    assert list(plan["images"]) == ["cpu", "other-build"]
    assert len(set(plan["images"].values())) == 2
    assert [setting["resolved"]["image"] for setting in plan["cells"][0]["settings"]] == [None, "other-build"]
    assert plan["default_image"] == plan["cells"][0]["default_image"] == "cpu"
    assert room["cache"].endswith("1.60 GB needed at most")  # 0.4 and 0.7 GB of wheels, and a base


def test_snakemake_builds_and_audits_it(with_image: Path, snakemake: Snakemake) -> None:
    done = snakemake("-n", "--configfile", "config/mine.yaml")
    assert done.returncode == 0, done.stdout
    for file in ("images/cpu", "images/other-build", "audit/cpu", "audit/other-build"):
        assert re.search(rf"output: \S+/{file}\.json", done.stdout), file


def test_a_config_that_does_not_use_it_does_not_build_it(with_image: Path, snakemake: Snakemake) -> None:
    done = snakemake("-n", "--configfile", "config/quick.yaml")
    assert done.returncode == 0, done.stdout
    assert "other-build" not in done.stdout


def test_its_lock_is_made_with_the_others(with_image: Path) -> None:
    command = subprocess.run(
        ["make", "--dry-run", "lock"], cwd=with_image, capture_output=True, text=True, check=True
    ).stdout
    assert re.search(r"for folder in .*containers/images/other-build/", command)
