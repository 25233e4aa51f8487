"""A bundle holds one run whole, says nothing of whose machine it was, and can be checked and taken over by others."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest
import yaml

from analysis.bundle import rebuild
from analysis.bundle.__main__ import main
from analysis.bundle.add import add
from analysis.bundle.contents import CRATE, SUMS, of_origin
from analysis.bundle.locks import lock_of
from analysis.bundle.make import make, of_the_suite
from analysis.bundle.privacy import Names, check_names, names_here
from analysis.bundle.verify import verify
from analysis.records.machine_folders import IMPORTED, machine_folders
from analysis.workflow import stages
from containers.version import suite_version
from tests.made.bundles import MACHINE, packed, rewrite, small_bundle, small_files, small_machine, summed, unpacked
from workloads.vocabulary.errors import AnalysisError, BundleError
from workloads.vocabulary.plan import UserModel
from workloads.vocabulary.stage import Stage

ROOT = Path(__file__).parents[4]
SOMEBODY = Names(words=frozenset({"alice", "buildhost7"}), homes=frozenset({"/home/alice"}))


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """The small bundle as a file."""
    path = tmp_path / "given.tar.xz"
    path.write_bytes(small_bundle())
    return path


def test_the_same_records_give_the_same_bytes_wherever_they_lie(tmp_path: Path) -> None:
    small_machine(tmp_path / "here")
    (tmp_path / "here/logs").mkdir()
    (tmp_path / "here/logs/tables.log").write_text("no part of it")
    (tmp_path / "here/figures").mkdir()
    (tmp_path / "here/figures/old-speedup.svg").write_text("of an older plan")
    assert make(tmp_path / "here", None) == small_bundle()


def test_a_bundle_that_was_made_is_well(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(bundle)]) == 0
    said = capsys.readouterr().out
    assert re.search(r"made again from the records: (\d+) of \1 files identical to the byte", said)
    derived = of_origin(unpacked(small_bundle(), bundle.parent), "derived")
    assert {Path(file).parts[0] for file in derived} >= {"tables", "figures", "report.md", "report.html"}
    assert f"{len(derived) + 1} files identical" in said


def test_a_stage_that_is_added_to_the_list_is_run_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The Snakefile makes a rule of each stage of the same list: tests/workflow."""
    added = ModuleType("added")
    added.write = lambda root, claims: (root / "added.md").write_text(claims.name)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "added", added)
    stage = Stage(name="added", module="added", outputs=["added.md"], suite_files=[stages.CLAIMS])
    monkeypatch.setattr(rebuild, "stages", lambda plan: [stage])
    small_machine(tmp_path)
    assert rebuild.rebuilt(tmp_path, "here") == {"added.md": b"claims.yaml"}


def test_what_does_not_follow_from_the_records_is_named(
    bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = unpacked(small_bundle(), tmp_path)
    files["report.md"] = files["report.md"].replace(b"simulated", b"embellished")
    files["figures/mine.svg"] = b"<svg/>"
    del files["figures/canary.png"]
    files["suite/requirements.lock"] = b"seaborn==0.0.1 \\\n"
    bundle.write_bytes(packed(summed(files)))
    assert main(["verify", str(bundle)]) == 2
    printed = capsys.readouterr()
    assert "made again, and different: report.md\n" in printed.out
    assert "in the bundle, and does not follow from the records: figures/mine.svg\n" in printed.out
    assert "follows from the records, and is not in the bundle: figures/canary.png\n" in printed.out
    assert re.search(r"other versions of libraries may give other bytes; here: seaborn \S+, not 0\.0\.1\n", printed.out)
    assert printed.err.count("\n") == 1
    # The description is of the files that it came with.
    assert f"made again, and different: {CRATE}\n" in printed.out


def test_a_lock_of_the_libraries_that_are_here_differs_in_none() -> None:
    assert rebuild.other_versions((ROOT / "requirements.lock").read_bytes()) == []
    assert rebuild.other_versions(b"") == []


def with_folders(root: Path) -> None:
    """A small machine whose user wrote whole paths into the config."""
    paths = {"model": "/home/alice/models/m.keras", "inputs": "../buildhost7/in.npz"}
    config = {"results": "/home/alice/results", "workloads": {"conv": {}, "mine": paths}}
    plan = small_machine(root, config=config)
    model = UserModel(path=paths["model"], inputs=paths["inputs"], content="0" * 64)
    rewrite(root, dataclasses.replace(plan, cells=[dataclasses.replace(cell, model=model) for cell in plan.cells]))


def test_names_of_host_user_and_home_are_in_no_byte(bundle: Path, tmp_path: Path) -> None:
    with_folders(tmp_path / "run")
    named = re.compile(b"alice|buildhost7|/home/")
    bundle.write_bytes(make(tmp_path / "run", SOMEBODY))
    files = unpacked(bundle.read_bytes(), tmp_path)
    assert [file for file in files if named.search(files[file])] == []
    assert b"m.keras" in files["plan.json"]
    assert verify(bundle).well
    # The same with names, if they are asked for.
    asked = unpacked(make(tmp_path / "run", None), tmp_path)
    assert {file for file in asked if named.search(asked[file])} >= {"plan.json", "config.yaml"}


@pytest.mark.parametrize("name", ["/home/alice/x", "buildhost7", "alice"])
def test_a_name_that_was_measured_is_not_taken_out_but_named(name: str, tmp_path: Path) -> None:
    """Records are never rewritten: where a config hands a name to the containers, there is no bundle without it."""
    small_machine(tmp_path)
    record = next(tmp_path.glob("rounds/*/*/2.jsonl"))
    record.write_text(record.read_text().replace("x" * 32, name))
    with pytest.raises(BundleError, match=r"rounds/onednn/conv@\w+/2\.jsonl:1 holds .*--with-names"):
        make(tmp_path, SOMEBODY)


def test_names_that_tell_nobody_apart_are_let_be(tmp_path: Path) -> None:
    files = unpacked(small_bundle(), tmp_path)
    assert b"debian" in files["images/cpu.json"]
    check_names(files, Names(words=frozenset({"", "it", "debian"}), homes=frozenset({"", "/"})), "bundle")
    with pytest.raises(BundleError):
        check_names(files, Names(words=frozenset({"matmul"}), homes=frozenset()), "bundle")


def test_this_machine_s_names_are_known_and_in_no_bundle_of_it(tmp_path: Path) -> None:
    here = names_here()
    assert here.words
    assert any(Path(home).is_dir() for home in here.homes)
    check_names(unpacked(small_bundle(), tmp_path), here, "bundle")


def test_what_is_missing_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.tar.xz"
    assert main(["make", "--results", str(tmp_path), "--out", str(out)]) == 2
    assert capsys.readouterr().err.startswith(f"threadmark: {tmp_path}/plan.json is missing; ")
    small_machine(tmp_path)
    (tmp_path / "machine.json").unlink()
    assert main(["make", "--results", str(tmp_path), "--out", str(out)]) == 2
    assert capsys.readouterr().err.startswith(f"threadmark: {tmp_path}/machine.json is missing; ")
    assert not out.exists()


def test_an_imported_bundle_is_a_machine_s_folder_and_gives_the_same_bundle_again(bundle: Path, tmp_path: Path) -> None:
    results = tmp_path / "results"
    assert add(bundle, results / IMPORTED).startswith(f"{bundle} is now {results / IMPORTED / MACHINE}; ")
    assert [path.name for path in results.iterdir()] == [IMPORTED]
    assert [path.name for path in (results / IMPORTED).iterdir()] == [MACHINE]
    small_machine(tmp_path / "original")
    for path in (tmp_path / "original").rglob("*"):
        assert path.is_dir() or (results / IMPORTED / MACHINE / path.relative_to(tmp_path / "original")).read_bytes()
    assert make(results / IMPORTED / MACHINE, None) == small_bundle()


def test_a_stranger_s_checksums_are_read_by_the_usual_tool(bundle: Path, tmp_path: Path) -> None:
    add(bundle, tmp_path / "results" / IMPORTED)
    words = ["sha256sum", "--check", "--strict", "--quiet", SUMS]
    assert subprocess.run(words, cwd=tmp_path / "results" / IMPORTED / MACHINE, check=False).returncode == 0
    (tmp_path / "results" / IMPORTED / MACHINE / "report.md").write_text("another")
    assert (
        subprocess.run(
            words, cwd=tmp_path / "results" / IMPORTED / MACHINE, check=False, capture_output=True
        ).returncode
        == 1
    )


def test_the_locks_of_an_imported_run_stay_those_that_it_came_with(bundle: Path, tmp_path: Path) -> None:
    bundle.write_bytes(packed(small_files()))
    add(bundle, tmp_path / IMPORTED)
    assert of_the_suite(tmp_path / IMPORTED / MACHINE)["suite/requirements.lock"] == b"seaborn==0.0.1\n"
    # Measured again in that folder, with the suite at hand.
    small_machine(tmp_path / IMPORTED / MACHINE, config={"seed": 7})
    lock = (ROOT / "requirements.lock").read_bytes()
    assert of_the_suite(tmp_path / IMPORTED / MACHINE)["suite/requirements.lock"] == lock


def test_the_same_run_again_is_said_to_be_there_and_another_one_is_refused(bundle: Path, tmp_path: Path) -> None:
    results = tmp_path / "results"
    small_machine(results / IMPORTED / MACHINE)
    before = {path: path.read_bytes() for path in results.rglob("*") if path.is_file()}
    # Without what follows from the records, it is the same run.
    assert (
        add(bundle, results / IMPORTED) == f"{results / IMPORTED / MACHINE} holds this run already; nothing was written"
    )
    small_machine(tmp_path / "other", seed=2)
    bundle.write_bytes(make(tmp_path / "other", None))
    with pytest.raises(BundleError, match=f"{results / IMPORTED / MACHINE} holds another run of this machine"):
        add(bundle, results / IMPORTED)
    assert before == {path: path.read_bytes() for path in results.rglob("*") if path.is_file()}


def test_an_import_does_not_count_as_this_machine_s_run_and_leaves_that_alone(bundle: Path, tmp_path: Path) -> None:
    """Whoever imports a stranger's run of the same name still measures, and keeps what was measured."""
    own = tmp_path / MACHINE
    small_machine(own, seed=2)
    before = {path: path.read_bytes() for path in own.rglob("*") if path.is_file()}
    assert main(["import", str(bundle), "--results", str(tmp_path)]) == 0
    assert machine_folders(tmp_path) == [own, tmp_path / IMPORTED / MACHINE]
    assert before == {path: path.read_bytes() for path in own.rglob("*") if path.is_file()}


def test_the_description_follows_ro_crate(tmp_path: Path) -> None:
    """What the specification calls MUST, and every file of the bundle, with its size and sha256."""
    files = unpacked(small_bundle(), tmp_path)
    document = json.loads(files[CRATE])
    entities = {entity["@id"]: entity for entity in document["@graph"]}
    assert len(entities) == len(document["@graph"])
    descriptor, root = entities[CRATE], entities["./"]
    assert (descriptor["@type"], descriptor["about"]) == ("CreativeWork", {"@id": "./"})
    assert descriptor["conformsTo"]["@id"].startswith("https://w3id.org/ro/crate/1.")
    assert root["@type"] == "Dataset"
    assert root["datePublished"] == "2026-01-01"
    assert root["name"]
    assert root["description"]
    assert entities[root["license"]["@id"]]["description"]
    linked = [entry["@id"] for top in root["hasPart"] for entry in [top, *entities[top["@id"]].get("hasPart", [])]]
    of_files = {name: entity for name, entity in entities.items() if entity["@type"] == "File"}
    assert (
        of_files.keys() == set(linked) - {name for name in linked if name.endswith("/")} == files.keys() - {CRATE, SUMS}
    )
    sums = dict(reversed(line.split("  ")) for line in files[SUMS].decode().splitlines())
    for name, entity in of_files.items():
        assert (int(entity["contentSize"]), entity["sha256"]) == (len(files[name]), sums[name])
        assert "/" in entity["encodingFormat"]
    for action in (entity for entity in entities.values() if entity["@type"] == "CreateAction"):
        assert {"@id": "#suite"} in action["instrument"]
        assert all(item["@id"] in entities for kind in ("instrument", "object", "result") for item in action[kind])
    assert entities["#suite"]["version"] == "0.0-simulated"
    assert "Simulated CPU" in entities["#machine"]["description"]


def test_the_citation_file_has_what_its_format_requires_and_the_suite_s_version() -> None:
    """After the schema of the Citation File Format 1.2.0: required keys, and an author that is an entity."""
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["cff-version"] == "1.2.0"
    assert citation["message"]
    assert citation["title"] == "threadmark"
    assert citation["authors"] == [{"name": "The threadmark developers"}]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert citation["version"] == project["version"] == suite_version()
    assert citation["license"] == project["license"]
    known = {"abstract", "authors", "cff-version", "keywords", "license", "message", "title", "type", "version"}
    assert citation.keys() <= known


def test_a_config_that_this_version_does_not_know_is_refused(bundle: Path, tmp_path: Path) -> None:
    plan = small_machine(tmp_path / "run")
    rewrite(tmp_path / "run", dataclasses.replace(plan, config={**plan.config, "roundz": 3}))
    with pytest.raises(BundleError, match=r"plan\.json: config: config: .*roundz.*use the suite that wrote it"):
        make(tmp_path / "run", None)
    small_machine(tmp_path / "run")
    (tmp_path / "run/config.yaml").write_text("rounds: 3\n")
    with pytest.raises(BundleError, match=r"config\.yaml is not the config of plan\.json"):
        make(tmp_path / "run", None)


PUBLISHED = sorted((ROOT / "results/published").rglob("*.tar.xz"))


@pytest.mark.parametrize("published", PUBLISHED, ids=lambda path: path.parent.name)
def test_a_published_bundle_fits_this_version_and_is_small_enough_for_git(published: Path) -> None:
    """Of whatever format it is: what follows from its records may be told differently by now."""
    assert published.stat().st_size <= 5 * 10**6
    verification = verify(published)
    assert verification.records > 0
    assert verification.identical or verification.different
    assert not verification.unfounded


def test_a_bundle_without_records_is_none(tmp_path: Path) -> None:
    small_machine(tmp_path)
    shutil.rmtree(tmp_path / "rounds")
    with pytest.raises(AnalysisError, match="no records in it"):
        make(tmp_path, None)


def test_the_lock_of_a_bundle_s_image_is_given_by_its_name() -> None:
    bundle = ROOT / "results/published/versions/epyc-2c-0abba0.tar.xz"
    assert "tensorflow-cpu==2.16.2" in lock_of(bundle, "tf-2.16")
    assert lock_of(bundle) == lock_of(bundle, "cpu")
    with pytest.raises(BundleError, match=r"has no lock of an image 'cpus'; did you mean 'cpu'"):
        lock_of(bundle, "cpus")
