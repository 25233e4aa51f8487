"""What Snakemake would do, without doing it: no engine is needed here."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
import yaml

from containers.host.machine import this_host
from containers.images import of_config
from containers.plan.config import read, validate
from containers.plan.make import contexts_of, make_plan
from tests.made.workflow_tree import ROOT, Snakemake

CONFIGS = sorted(path.name for path in (ROOT / "config").glob("*.yaml") if path.name != "claims.yaml")
MISTAKES = {
    "rounds: 5": ("rounds: 0", "'rounds' is 0"),
    "warmup_s": ("warm_up_s", "unknown key 'timing.warm_up_s'; did you mean 'warmup_s'?"),
    "workloads: [conv]": ("workloads: [conf]", "unknown workload 'conf'; did you mean 'conv'?"),
    "{OMP_NUM_THREADS: 1}": ("{OMP_THREADS: 1}", "unknown knob 'OMP_THREADS'; did you mean 'OMP_NUM_THREADS'?"),
    "{intra_op: cores,": ("{intra_op: all,", "'all' is no number of threads"),
    "baseline: {}": ("baseline: {OMP_NUM_THREADS: 3}", "is not among the sweep's settings"),
    "conv: {}": ("conv: {params: {filter: 3}}", "no such parameter"),
}


@pytest.mark.parametrize("name", CONFIGS)
def test_a_dry_run_lists_every_round_of_a_shipped_config(
    tree: Path, snakemake: Snakemake, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tree)
    config = validate(read(ROOT / f"config/{name}"))
    # Nothing is fetched here: a lock of one package stands for that of an image.
    monkeypatch.setattr(of_config, "resolved", lambda *_: f"six==1.17.0 \\\n    --hash=sha256:{'0' * 64}\n")
    of_config.provide_folders(config.own_images, config.own_images_place)
    done = snakemake("-n", "--configfile", f"config/{name}")
    assert done.returncode == 0, done.stdout
    plan = make_plan(config, this_host(), contexts_of(config))
    listed = re.findall(r"output: \S+/(rounds/\S+/\d+)\.jsonl", done.stdout)
    assert sorted(listed) == sorted(f"{cell.directory}/{n}" for cell in plan.cells for n in range(1, cell.certain + 1))
    assert ("rule peaks:" in done.stdout) == config.peaks
    more = ".*" if any(cell.adaptive for cell in plan.cells) else "; about"
    assert re.search(rf"{plan.launches}\D.*launches in {len(listed)} rounds{more} \S.* of measuring to go", done.stdout)


def test_the_default_config_is_the_one_that_nobody_names(snakemake: Snakemake) -> None:
    named, unnamed = snakemake("-n", "--configfile", "config/default.yaml"), snakemake("-n")
    summary = re.compile(r"threadmark: .*")
    assert summary.search(named.stdout)
    assert summary.findall(named.stdout) == summary.findall(unnamed.stdout)


def test_a_stage_that_is_added_to_the_list_is_a_rule(tree: Path, snakemake: Snakemake) -> None:
    """The bundle's rebuild runs the same list: tests/unit/analysis/bundle."""
    listed = tree / "analysis/workflow/stages.py"
    added = 'Stage(name="added", module="analysis.added", inputs=["report.md"], outputs=["added.md"]),'
    text = listed.read_text()
    assert text.endswith("        ),\n    ]\n")
    listed.write_text(text.removesuffix("    ]\n") + f"        {added}\n    ]\n")
    (tree / "analysis/added.py").write_text("")
    done = snakemake("-n", "--printshellcmds", "--configfile", "config/quick.yaml")
    assert re.search(r"rule added:\n.*\n    output: \S+/added.md\n", done.stdout)
    assert re.search(r"python -m analysis.added --results \S+ 2> >\(tee -a \S+/logs/added.log >&2\)", done.stdout)


def test_early_rounds_come_first(snakemake: Snakemake) -> None:
    """An interrupted run is a complete, coarser one."""
    done = snakemake("-n", "--configfile", "config/quick.yaml")
    numbers = [int(number) for number in re.findall(r"output: \S+/rounds/\S+/(\d+)\.jsonl", done.stdout)]
    assert set(numbers) == {1, 2, 3, 4, 5}
    priorities = re.findall(r"wildcards: cell=\S+, number=(\d+)\n(?:.*\n)*?    priority: (-\d+)", done.stdout)
    expected = {(number, -number) for number in range(1, 6)}
    assert {(int(number), int(priority)) for number, priority in priorities} == expected


@pytest.mark.parametrize("right", MISTAKES)
def test_a_mistake_in_a_config_is_one_sentence(tree: Path, snakemake: Snakemake, right: str) -> None:
    wrong, says = MISTAKES[right]
    mine = tree / "config/mine.yaml"
    text = (tree / "config/quick.yaml").read_text()
    assert right in text
    mine.write_text(text.replace(right, wrong, 1))
    done = snakemake("-n", "--configfile", "config/mine.yaml")
    assert done.returncode != 0
    assert says in done.stdout
    assert "Traceback" not in done.stdout
    assert len(re.findall("^threadmark: ", done.stdout, re.MULTILINE)) == 1


def test_a_missing_lock_stops_before_anything_starts(tree: Path, snakemake: Snakemake) -> None:
    (tree / "containers/images/cpu/requirements.lock").unlink()
    done = snakemake("-n", "--configfile", "config/quick.yaml")
    assert done.returncode != 0
    assert "containers/images/cpu/requirements.lock is missing" in done.stdout
    assert "Traceback" not in done.stdout


def test_without_an_engine_the_run_stops_before_the_first_launch(snakemake: Snakemake) -> None:
    done = snakemake("--configfile", "config/quick.yaml", DOCKER_HOST="tcp://127.0.0.1:1")
    assert done.returncode != 0
    assert "DOCKER_HOST names tcp://127.0.0.1:1, where no engine answers" in done.stdout
    assert "Traceback" not in done.stdout


def test_the_lint_complains_of_nothing_but_environments(snakemake: Snakemake) -> None:
    """The rules run in the locked .venv; what is measured runs in the images. So no rule has a conda environment."""
    done = snakemake("--lint")
    complaints = re.findall(r"^    \* (.*):$", done.stdout, re.MULTILINE)
    assert set(complaints) == {"Specify a conda environment or container for each rule."}, done.stdout


def test_ci_runs_the_readme_s_test_command() -> None:
    assert "exec make test" in (ROOT / ".ci/run").read_text()
    assert os.access(ROOT / ".ci/run", os.X_OK)
    steps = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())["jobs"]["test"]["steps"]
    assert steps[-1] == {"run": "sudo .ci/run"}
    assert "make test" in (ROOT / "README.md").read_text()
