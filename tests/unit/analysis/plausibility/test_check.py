"""Honest records hold together; records that lie are named. What a lie in one record needs, a forger must do in all."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from analysis.bundle.__main__ import main as bundle_command
from analysis.bundle.make import make
from analysis.bundle.verify import verify
from analysis.comparisons.comparison import COMPARISONS
from analysis.figures import draw
from analysis.plausibility import check
from analysis.plausibility.check import examine, require_plausible
from analysis.report import render
from analysis.tables.tables import read_launches
from tests.made.analysed import make_tables
from tests.made.bundles import small_machine
from tests.made.simulated import Noise, simulated_plan, switch, thread_grid, write_simulated_machine
from workloads.vocabulary import preregistration
from workloads.vocabulary.errors import AnalysisError, BundleError
from workloads.vocabulary.preregistration import preregister

PUBLISHED = Path(__file__).parents[4] / "results/published"
HONEST = sorted(path.parent for path in PUBLISHED.rglob("plan.json"))
Records = list[dict[str, Any]]
Lie = Callable[[Records], object]


@pytest.mark.parametrize("folder", HONEST, ids=lambda path: str(path.relative_to(PUBLISHED)))
def test_all_published_records_hold_together(folder: Path) -> None:
    result = examine(folder)
    assert result.records
    assert result.violations == []


def _slices(record: dict[str, Any], change: Callable[[dict[str, Any]], object]) -> None:
    for entry in record["measurement"]["slices"]:
        change(entry)


def _scale_samples(record: dict[str, Any], by: float) -> None:
    _slices(record, lambda value: value.update(samples=[sample * by for sample in value["samples"]]))


def _scale_slices(record: dict[str, Any], by: float) -> None:
    _scale_samples(record, by)
    _slices(record, lambda value: value.update(wall_s=value["wall_s"] * by))


def _copy_samples(records: Records) -> None:
    for entry, theirs in zip(records[0]["measurement"]["slices"], records[1]["measurement"]["slices"], strict=False):
        entry.update(samples=theirs["samples"], wall_s=theirs["wall_s"])


def _swap(records: Records, key: str) -> None:
    records[0][key], records[1][key] = records[1][key], records[0][key]


def _put(path: str, value: object) -> Lie:
    """A lie that puts a value at a place of the first record."""

    def lie(records: Records) -> None:
        *folders, name = path.split(".")
        at: Any = records[0]
        for folder in folders:
            at = at[int(folder)] if isinstance(at, list) else at[folder]
        at[int(name) if isinstance(at, list) else name] = value

    return lie


def _alter(path: str, by: float) -> Lie:
    """A lie that multiplies a number of the first record."""

    def lie(records: Records) -> None:
        at: Any = records[0]
        for folder in path.split("."):
            before, at = at, at[int(folder)] if isinstance(at, list) else at[folder]
        _put(path, at * by)(records)
        assert before is not at

    return lie


LIES: dict[str, Lie] = {
    "samples scaled": lambda r: _scale_samples(r[0], 0.9),
    "samples and slices scaled": lambda r: _scale_slices(r[0], 0.5),
    "samples of a slice scaled": lambda r: r[0]["measurement"]["slices"][0].update(
        samples=[sample * 0.8 for sample in r[0]["measurement"]["slices"][0]["samples"]]
    ),
    "samples copied": _copy_samples,
    "samples dropped": lambda r: _slices(
        r[0], lambda value: value.update(samples=value["samples"][: len(value["samples"]) // 2])
    ),
    "slices copied": lambda r: r[0]["measurement"].update(slices=r[1]["measurement"]["slices"]),
    "settings swapped": lambda r: _swap(r, "setting"),
    "a setting rewritten": _put("setting.resolved", {"intra_op": 64}),
    "calls a sample raised": _alter("measurement.calls_per_sample", 2),
    "a sample negative": _put("measurement.slices.0.samples.0", -0.001),
    "the order's seed": _put("order_seed", "lucky"),
    "an id": _put("id", "pools/other@00000000/1/1"),
    "a position": _put("position", 99),
    "a workload's module": _put("case.workload", "mlp"),
    "a parameter": lambda r: r[0]["case"]["params"].update(n=1),
    "intra-op threads": _put("case.intra_op", 7),
    "inter-op threads": _put("case.inter_op", 7),
    "co-runners": _put("case.co_runners", 3),
    "instances": _put("case.instances", 2),
    "a case's seed": _put("case.seed", 1),
    "a timing": _put("case.timing.cycles", 3),
    "a command": lambda r: r[0]["command"].__setitem__(-1, r[0]["command"][-1].replace('"seed":', '"seed":9')),
    "the environment": _put("environment", {}),
    "the memory limit": _alter("limits.memory_bytes", 2),
    "the time limit": _alter("limits.timeout_s", 2),
    "a quota": _put("cpu_quota", 50),
    "a model": _put("model", "f" * 64),
    "the image's content": _put("image.content", "0" * 64),
    "the image's id": _put("image.id", "sha256:0"),
    "the CPU set": _put("cpuset", "7"),
    "CPUs seen": _put("measurement.observed.cpus", [0, 1, 2, 3]),
    "begun a day earlier": _put("started_at", "2026-11-25T00:00:00.000+00:00"),
    "begun at no time": _put("started_at", "yesterday"),
    "wall time shortened": _alter("wall_s", 0.5),
    "wall time lengthened": _alter("wall_s", 20.0),
    "timed section shortened": _alter("measurement.phases.timing_s", 0.5),
    "CPU time raised": _alter("measurement.usage.cpu_s", 5.0),
    "CPU time of a slice": _alter("measurement.slices.0.cpu_s", 50.0),
    "parallelism": _put("measurement.observed.cpu_per_wall", 1.5),
    "passed with a wrong result": _put("measurement.check.error", 1e9),
    "failed with a right result": _put("measurement.check.passed", False),
    "an amount of work": _alter("measurement.work.amount", 2.0),
    "a metric": _put("measurement.metric", "latency"),
    "a tick of the canary": _put("turns.ticks.0.one_s", 1e-5),
    "a cycle set aside": _put("turns.kept.0", False),
    "all cycles set aside": lambda r: r[0]["turns"].update(kept=[False] * len(r[0]["turns"]["kept"])),
    "a cycle set aside in the whole block": lambda r: [entry["turns"]["kept"].__setitem__(0, False) for entry in r],
    "a slow tick that counts": lambda r: [entry["turns"]["ticks"][0].update(one_s=1.0) for entry in r],
    "a place in a cycle": _put("turns.places.0", 9),
    "another block": _put("turns.block", 2),
    "another session": _put("session", "deadbeef"),
}

# Told, and not seen: it agrees with everything that is on record. A signature, or another run, is what helps.
UNSEEN: dict[str, Lie] = {
    "peak memory": _put("measurement.usage.peak_rss_bytes", 400_000_000),
    "measurements of one block swapped": lambda r: _swap(r, "measurement"),
    "a check's error within the tolerance": _alter("measurement.check.error", 0.5),
    "samples and slices faster by three per cent": lambda r: _scale_slices(r[0], 0.97),
    "the warm-up": _alter("measurement.warmup.0", 0.99),
}


def _halve(records: Records) -> None:
    _scale_samples(records[0], 0.5)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What was measured in the quick run."""
    source = next(path for path in HONEST if "quick" in path.parts)
    for name in ("plan.json", "machine.json", "images", "rounds"):
        (shutil.copytree if (source / name).is_dir() else shutil.copy)(source / name, tmp_path / name)
    return tmp_path


def _tell(lie: Lie, folder: Path) -> None:
    path = next(path for path in sorted(folder.glob("rounds/*/*/1.jsonl")))
    records = [json.loads(line) for line in path.read_text().splitlines()]
    lie(records)
    path.write_text("".join(json.dumps(record) + "\n" for record in records))


@pytest.mark.parametrize("name", LIES)
def test_a_lie_is_named_or_refused(name: str, folder: Path) -> None:
    _tell(LIES[name], folder)
    try:
        result = examine(folder)
    except AnalysisError:
        return  # refused already when it was read
    assert result.violations


@pytest.mark.parametrize("name", UNSEEN)
def test_what_agrees_with_all_the_rest_is_not_seen(name: str, folder: Path) -> None:
    _tell(UNSEEN[name], folder)
    assert examine(folder).violations == []


def _all_failed(records: Records) -> None:
    for record in records:
        failure = {"message": "ended by SIGABRT", "stderr": [], "exit_code": 134, "signal": "SIGABRT"}
        record.update(status="aborted", measurement=None, failure=failure)
        record["turns"]["ticks"][0]["one_s"] = 1.0


def test_a_block_whose_launches_all_failed_is_no_lie(folder: Path) -> None:
    _tell(_all_failed, folder)
    assert examine(folder).violations == []


def test_one_lie_among_many_records_is_named_and_more_are_refused(folder: Path) -> None:
    _tell(LIES["samples scaled"], folder)
    with pytest.raises(AnalysisError, match="do not hold together"):
        require_plausible(folder)


def _lying_bundle(tmp_path: Path) -> Path:
    """One whose first record tells another time than its slices."""
    small_machine(tmp_path / "machine")
    _tell(_halve, tmp_path / "machine")
    path = tmp_path / "lying.tar.xz"
    path.write_bytes(make(tmp_path / "machine", None))
    return path


def test_a_bundle_of_records_that_lie_is_refused(tmp_path: Path) -> None:
    path = _lying_bundle(tmp_path)
    with pytest.raises(BundleError, match="do not hold together"):
        verify(path)


def test_a_bundle_with_few_such_records_is_not_well_and_names_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(check, "MOST", 1.0)
    path = _lying_bundle(tmp_path)
    result = verify(path)
    assert result.follows
    assert not result.well
    assert bundle_command(["verify", str(path)]) == 2
    heard = capsys.readouterr()
    assert heard.out.count("does not hold together: ") == len(result.plausibility.violations)
    assert "has records that do not hold together" in heard.err
    assert bundle_command(["import", str(path), "--results", str(tmp_path / "results")]) == 0
    assert capsys.readouterr().out.count("does not hold together: ") == len(result.plausibility.violations)


def test_simulated_records_hold_together_as_they_come(tmp_path: Path) -> None:
    for name, in_turns in (("alone", False), ("in-turns", True)):
        write_simulated_machine(tmp_path / name, [thread_grid(), switch()], noise=Noise(in_turns=in_turns))
        result = examine(tmp_path / name)
        assert (result.records, result.violations) == (60, [])


def _with_one_lie(root: Path, lie: Lie) -> str:
    """A simulated machine with its tables and its report, after a lie in one record; the record's id."""
    write_simulated_machine(root, [switch(rounds=5)])
    path = next(root.glob("rounds/onednn/*/1.jsonl"))
    records = [json.loads(line) for line in path.read_text().splitlines()]
    lie(records)
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    make_tables(root)
    for module in (draw, render):
        assert module.main(["--results", str(root)]) == 0
    return str(records[0]["id"])


def test_a_record_that_lies_does_not_count_and_the_report_names_it(tmp_path: Path) -> None:
    identity = _with_one_lie(tmp_path, _halve)
    launches = read_launches(tmp_path).set_index("id")
    assert launches.loc[identity, "status"] == "no_record"
    assert "calls and samples of a slice do not come to its time" in launches.loc[identity, "message"]
    (comparison,) = COMPARISONS.read(tmp_path)
    assert comparison.pairs == 4
    text = (tmp_path / "report.md").read_text()
    assert f"- [`{identity}`](rounds/onednn/" in text
    assert "**Do not trust this run:** more than one in a hundred" in text


def test_a_clock_that_was_set_is_named_and_the_record_counts(tmp_path: Path) -> None:
    identity = _with_one_lie(tmp_path, lambda records: records[0].update(started_at=records[1]["started_at"]))
    (comparison,) = COMPARISONS.read(tmp_path)
    assert comparison.pairs == 5
    text = (tmp_path / "report.md").read_text()
    assert "it counts: only times of day do not fit" in text
    assert "Do not trust this run" not in text
    assert require_plausible(tmp_path).violations
    assert read_launches(tmp_path).set_index("id").loc[identity, "status"] == "ok"


def _registered_machine(root: Path, rounds: int) -> None:
    """A simulated run of four rounds that each record says was planned with so many."""
    root.mkdir()
    sha256 = preregister(root, simulated_plan([switch(rounds=rounds)]), "2026-11-27T00:00:00+00:00")
    write_simulated_machine(root, [switch(rounds=4)], faults=lambda record: replace(record, plan=sha256))


def test_a_run_of_the_plan_that_was_registered_has_no_cuts(tmp_path: Path) -> None:
    _registered_machine(tmp_path / "m", rounds=4)
    result = examine(tmp_path / "m")
    assert (result.violations, result.cuts) == ([], [])


def test_rounds_that_were_cut_after_the_first_launch_show(tmp_path: Path) -> None:
    _registered_machine(tmp_path / "m", rounds=9)
    result = examine(tmp_path / "m")
    assert result.violations == []
    assert "9 rounds, now 4" in result.cuts[0]
    assert result.cuts[1:] == ["no launch was made by the plan as it is now"]
    # Whoever leaves the file out as well leaves each record with a plan that nobody knows.
    (tmp_path / "m" / preregistration.FILE).unlink()
    assert examine(tmp_path / "m").is_beyond_bound
