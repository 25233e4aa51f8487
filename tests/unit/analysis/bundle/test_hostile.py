"""A bundle may come from anybody: what is damaged or unsafe is refused in one sentence, with nothing written."""

from __future__ import annotations

import copy
import json
import lzma
import re
import tarfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from analysis.bundle.__main__ import main
from analysis.bundle.add import add
from analysis.bundle.archive import MOST_BYTES, MOST_FILES
from analysis.bundle.rebuild import read_files, rebuilt
from analysis.bundle.verify import verify
from analysis.records.machine_folders import IMPORTED
from tests.made.bundles import MACHINE, archive, member, packed, small_bundle, small_files, summed
from tests.made.mutations import places, somewhere
from workloads.vocabulary.errors import BundleError
from workloads.vocabulary.plan import Decision, Plan
from workloads.vocabulary.record import to_json

# Four times 250: a thousand hostile or damaged bundles in all, the same ones each time.
T = TypeVar("T")

HOSTILE = settings(
    max_examples=250, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


def one_of(things: Sequence[T], where: float) -> T:
    """The one that stands at a share of their number: what there is to choose from is made when a test runs."""
    return things[int(where * len(things))]


class Sandbox:
    """A folder with results/ and a file beside it; nothing but results/ may change."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "results").mkdir()
        (root / "results/another").mkdir()
        (root / "results/another/report.md").write_text("measured before")
        (root / "outside.txt").write_text("not to be touched")
        self._before = read_files(root)

    def tries(self, bundle: bytes) -> str:
        """Import a bundle: the sentence of its refusal, or "" if it was let in; checks what was written either way."""
        given_ = self.root / "given.tar.xz"
        given_.write_bytes(bundle)
        try:
            add(given_, self.root / "results" / IMPORTED)
        except BundleError as error:
            refusal = str(error)
            assert refusal.startswith(str(given_))
            assert "\n" not in refusal
        else:
            refusal = ""
            self._let_in()
        given_.unlink()
        assert read_files(self.root) == self._before
        assert {path.name for path in (self.root / "results").iterdir()} == {"another"}
        return refusal

    def _let_in(self) -> None:
        """One folder more, with whole files below it; taken away again."""
        added = self.root / "results" / IMPORTED / MACHINE
        for path in sorted(added.rglob("*"), reverse=True):
            assert not path.is_symlink()
            if path.is_dir():
                path.rmdir()
            else:
                path.unlink()
        added.rmdir()
        added.parent.rmdir()


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Sandbox:
    return Sandbox(tmp_path_factory.mktemp("sandbox"))


def test_the_bundle_that_all_others_are_made_from_is_let_in(sandbox: Sandbox) -> None:
    assert sandbox.tries(packed(small_files())) == ""
    assert sandbox.tries(small_bundle()) == ""


Change = tuple[str, float, int]
changes = st.tuples(st.sampled_from(["flip", "cut", "drop", "double", "add"]), st.floats(0, 1), st.integers(1, 255))


def damaged(content: bytes, change: Change) -> bytes:
    """One thing done to bytes, at a place given as a share of their length."""
    kind, where, what = change
    place = min(int(where * len(content)), len(content) - 1)
    match kind:
        case "flip":
            return content[:place] + bytes([content[place] ^ what]) + content[place + 1 :]
        case "cut":
            return content[:place]
        case "drop":
            return content[:place] + content[place + what :]
        case "double":
            return content[: place + what] + content[place:]
    return content + bytes([what]) * what


@HOSTILE
@given(st.lists(changes, min_size=1, max_size=3))
def test_a_damaged_archive_is_refused(sandbox: Sandbox, several: list[Change]) -> None:
    whole = content = packed(small_files())
    for change in several:
        content = damaged(content, change) if content else content
    assert (sandbox.tries(content) == "") == (content == whole)


names = st.one_of(
    st.sampled_from(
        [
            *("../outside.txt", "/outside.txt", f"{MACHINE}/../../outside.txt", f"{MACHINE}/../another/report.md"),
            *("another/report.md", f"{MACHINE}//report.md", f"{MACHINE}/./report.md", f"{MACHINE}/.hidden.json"),
            *(f"{MACHINE}/REPORT.md", f"{MACHINE}/report.md", f"{MACHINE}/report.md/x.md", f"{MACHINE}/tables"),
            *(
                f"{MACHINE}/tables/ﬁ.csv",
                f"{MACHINE}/tables/fi.csv",
                f"{MACHINE}/tables/e\u0301.csv",
                "",
                "/",
                ".",
                "..",
            ),
            *(f"{MACHINE}/report.exe", f"{MACHINE}/rounds/a/b@c/1.jsonl", f"{MACHINE}/figures/-rf.svg", "C:\\x.csv"),
            *(f"{MACHINE}/{'a' * 300}.csv", f"{MACHINE}/{'a/' * 90}a.csv", f"{MACHINE}/images/gpu.json", "~/x.csv"),
        ]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=40).map(lambda text: f"{MACHINE}/tables/{text}"),
)
kinds = st.sampled_from(
    [tarfile.REGTYPE] * 4
    + [tarfile.AREGTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE]
    + [tarfile.DIRTYPE, tarfile.CONTTYPE, tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_SPARSE, b"Z"]
)
links = st.sampled_from(["", "../../outside.txt", "/etc/passwd", "report.md", f"{MACHINE}/report.md"])


@HOSTILE
@given(st.lists(st.tuples(names, kinds, links, st.integers(0, 30), st.booleans()), min_size=1, max_size=3))
def test_a_member_that_leads_astray_is_refused(
    sandbox: Sandbox, several: list[tuple[str, bytes, str, int, bool]]
) -> None:
    """Listed among the checksums or not, anywhere in the archive: let in only as a plain file in a place for it."""
    files, extra = dict(small_files()), []
    for name, kind, link, place, listed in several:
        extra.append((place, member(name, b"harmless", kind=kind, link=link)))
        if listed and name.startswith(f"{MACHINE}/") and kind == tarfile.REGTYPE:
            files[name.removeprefix(f"{MACHINE}/")] = b"harmless"
    checked = summed(files)
    members = [member(f"{MACHINE}/{file}", checked[file]) for file in small_files()]
    for place, entry in extra:
        members.insert(place, entry)
    refusal = sandbox.tries(archive(members))
    if any(kind != tarfile.REGTYPE or not name.startswith(f"{MACHINE}/tables/") for name, kind, *_ in several):
        assert refusal


odd: st.SearchStrategy[object] = st.one_of(
    st.sampled_from(
        [
            *(None, True, -1, 0, 1, 10**9, 2**63, 10**400, 0.5, 1e308, float("nan"), float("inf"), -float("inf")),
            *("", "x" * 3000, "../../outside", "/etc/passwd", "a/b", "\x00", "é", "{{ 1 }}", "<script>", "$x$", [], {}),
            *([None], {"a": None}, [[[[]]]]),
        ]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    st.integers(),
)


@HOSTILE
@given(somewhere, somewhere, odd, st.sampled_from(["set", "remove", "rename"]))
def test_a_document_of_another_shape_is_refused_or_harmless(
    sandbox: Sandbox, which: float, where: float, value: object, do: str
) -> None:
    """With the right checksums: a stranger can make those as well."""
    files = small_files()
    file = one_of([file for file in files if file.endswith((".json", ".jsonl"))], which)
    lines = files[file].splitlines() if file.endswith(".jsonl") else [files[file]]
    document = json.loads(lines[0])
    way = one_of(places(document), where)
    changed = with_change(document, way, value, do)
    text = json.dumps(changed).encode()
    content = b"\n".join([text, *lines[1:]]) + b"\n"
    refusal = sandbox.tries(packed(summed({**files, file: content})))
    if value != value or value in (float("inf"), -float("inf"), 2**63, 10**400):
        assert refusal or do != "set"
    if way == () and do == "set":
        assert refusal or file.endswith(("crate-metadata.json", "plausibility.json"))


def with_change(document: object, way: tuple[str | int, ...], value: object, do: str) -> object:
    """A copy of a JSON document with another value at a place, without the place, or with another name for it."""
    if not way:
        return value if do == "set" else document
    changed = copy.deepcopy(document)
    inside: Any = changed
    for key in way[:-1]:
        inside = inside[key]
    if do == "set":
        inside[way[-1]] = value
    else:
        old = inside.pop(way[-1])
        if do == "rename" and isinstance(inside, dict):
            inside[f"{way[-1]}s"] = old
    return changed


@HOSTILE
@given(somewhere, st.lists(changes, min_size=1, max_size=3), st.booleans())
def test_a_file_of_other_bytes_is_refused_or_harmless(
    sandbox: Sandbox, which: float, several: list[Change], renewed: bool
) -> None:
    whole = small_files()
    file = one_of(sorted(whole), which)
    content = whole[file]
    for change in several:
        content = damaged(content, change) if content else content
    files = {**whole, file: content}
    refusal = sandbox.tries(packed(summed(files) if renewed else files))
    if content != whole[file] and not renewed:
        assert refusal


@pytest.mark.parametrize(
    ("name", "kind", "says"),
    [
        ("../x.csv", tarfile.REGTYPE, "'../x.csv' is no name for a bundle's file"),
        ("/x.csv", tarfile.REGTYPE, "'/x.csv' is no name for a bundle's file"),
        (f"{MACHINE}/tables/../x.csv", tarfile.REGTYPE, "is no name for a bundle's file"),
        (f"{MACHINE}/tables/x.csv", tarfile.SYMTYPE, "is a symbolic link, and only plain files are let in"),
        (f"{MACHINE}/tables/x.csv", tarfile.LNKTYPE, "is a hard link, and only plain files are let in"),
        (f"{MACHINE}/tables/x.csv", tarfile.CHRTYPE, "is a device, and only plain files are let in"),
        (f"{MACHINE}/tables", tarfile.DIRTYPE, "is a folder of its own, and only plain files are let in"),
        ("x", tarfile.XHDTYPE, "is of a kind (b'x') that no bundle holds, and only plain files are let in"),
        (f"{MACHINE}/report.md", tarfile.REGTYPE, "report.md is in it twice"),
        (f"{MACHINE}/REPORT.md", tarfile.REGTYPE, "REPORT.md and report.md cannot both be there"),
        (f"{MACHINE}/report.md/x.md", tarfile.REGTYPE, "report.md/ and report.md cannot both be there"),
        ("another/report.md", tarfile.REGTYPE, f"another/report.md lies beside the folder {MACHINE}"),
        (f"{MACHINE}/tables/x.csv", tarfile.REGTYPE, "tables/x.csv is not in its SHA256SUMS"),
    ],
)
def test_each_unsafe_member_is_refused_with_its_reason(sandbox: Sandbox, name: str, kind: bytes, says: str) -> None:
    members = [member(f"{MACHINE}/{file}", content) for file, content in small_files().items()]
    refusal = sandbox.tries(archive([*members, member(name, b"", kind=kind, link="../outside.txt")]))
    assert says in refusal


def test_a_bomb_is_refused_before_it_is_unpacked(sandbox: Sandbox) -> None:
    declared = tarfile.TarInfo(f"{MACHINE}/tables/x.csv")
    declared.size = MOST_BYTES + 1
    assert "takes it beyond 512 MiB" in sandbox.tries(archive([(declared.tobuf(), b"")]))
    declared.size = 64 * 2**20
    small = lzma.compress(declared.tobuf() + bytes(declared.size))
    assert len(small) < 20_000
    assert "unpacks to more than 200 times its size" in sandbox.tries(small)


def test_a_host_of_files_is_refused(sandbox: Sandbox) -> None:
    many = (member(f"{MACHINE}/tables/{number}.csv", b"") for number in range(MOST_FILES + 1))
    assert f"more than {MOST_FILES} files" in sandbox.tries(archive(many))


def test_something_behind_the_end_is_refused(sandbox: Sandbox) -> None:
    assert "something follows the archive's end" in sandbox.tries(packed(small_files()) + b"x")
    assert "something follows the archive's end" in sandbox.tries(packed(small_files()) + lzma.compress(b"more"))


def change_plan(edit: Callable[[dict[str, Any]], None]) -> dict[str, bytes]:
    """The small bundle's files with another plan, and the right checksums."""
    plan = json.loads(small_files()["plan.json"])
    edit(plan)
    return summed({**small_files(), "plan.json": json.dumps(plan).encode()})


@pytest.mark.parametrize("name", ["../../outside", "/tmp/outside", "a/b", "", "x\n"])
@pytest.mark.parametrize("key", ["sweep", "workload", "definition"])
def test_names_in_a_plan_that_would_become_paths_are_refused(sandbox: Sandbox, key: str, name: str) -> None:
    """Figures and recommendations are named after sweeps and workloads."""
    files = change_plan(lambda plan: plan["cells"][0].update({key: name}))
    assert f"is no name for a {key}" in sandbox.tries(packed(files))


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "1" * 30])
@pytest.mark.parametrize("file", ["plan.json", "images/cpu.json", "machine.json"])
def test_what_is_no_number_is_refused_wherever_it_stands(sandbox: Sandbox, file: str, number: str) -> None:
    files = small_files()
    before = {"plan.json": '"warmup_s":', "images/cpu.json": '"build_s":', "machine.json": '"load_average":['}[file]
    text = re.sub(f"{re.escape(before)}[0-9.]+", before + number, files[file].decode(), count=1)
    assert "is no number that was measured" in sandbox.tries(packed(summed({**files, file: text.encode()})))


def test_a_plan_of_more_rounds_than_can_be_is_refused_at_once(sandbox: Sandbox) -> None:
    files = change_plan(lambda plan: plan["cells"][0].update({"rounds": 10**12}))
    assert "rounds that nobody plans" in sandbox.tries(packed(files))


def test_claims_that_unfold_are_refused(sandbox: Sandbox) -> None:
    bomb = b"sources: {a: &a x, b: &b [*a, *a], c: [*b, *b]}\nclaims: []\n"
    files = summed({**small_files(), "suite/config/claims.yaml": bomb})
    assert "it holds an alias" in sandbox.tries(packed(files))


def test_a_bundle_under_another_machine_s_name_is_refused(sandbox: Sandbox) -> None:
    assert "about several machines: another-2c-000000, simulated-2c-000000" in sandbox.tries(
        packed(small_files(), "another-2c-000000")
    )


def test_a_number_beyond_all_measure_is_refused_before_any_stage_meets_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The field has the right type; squared, it would be infinite."""
    files = small_files()
    file = next(file for file in files if file.startswith("rounds/"))
    first, *others = files[file].splitlines()
    for key, number in (("wall_s", 1e308), ("round", 2**63)):
        record = json.loads(first) | {key: number}
        content = b"\n".join([json.dumps(record).encode(), *others]) + b"\n"
        bundle = tmp_path / "given.tar.xz"
        bundle.write_bytes(packed(summed({**files, file: content})))
        assert main(["verify", str(bundle)]) == 2
        said = capsys.readouterr().err
        assert said.startswith(f"threadmark: {bundle}")
        assert "is no number that was measured" in said
        assert said.count("\n") == 1


def test_records_that_a_stage_cannot_take_are_said_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(
        BundleError, match=r"given: analysis\.workflow\.stages cannot be run on its records: plan\.json is missing"
    ):
        rebuilt(tmp_path, "given")


def test_a_decision_that_leads_back_to_itself_is_refused(sandbox: Sandbox) -> None:
    adaptive = {"by": "precision", "first": 2, "step": 3, "most": 9, "target": 0.02}
    files = change_plan(lambda plan: plan["cells"][0].update({"adaptive": adaptive}))
    cell = TypeAdapter(Plan).validate_json(files["plan.json"]).cells[0]
    decision = Decision(after=1, rounds=1, settings=[], reason="again")
    files[cell.decision(2)] = to_json(decision).encode()
    assert "is no decision on what comes after 2 rounds" in sandbox.tries(packed(summed(files)))
    files[cell.decision(2)] = to_json(replace(decision, after=2, rounds=0)).encode()
    assert sandbox.tries(packed(summed(files))) == ""
    files["decisions/other/conv@00000000/00000000/2.json"] = files[cell.decision(2)]
    assert "belongs to no cell of plan.json" in sandbox.tries(packed(summed(files)))


def test_a_refused_bundle_leaves_no_results_folder_behind(tmp_path: Path) -> None:
    bundle = tmp_path / "given.tar.xz"
    bundle.write_bytes(packed(summed({**small_files(), "machine.json": b"{}"})))
    with pytest.raises(BundleError, match=r"machine\.json is no valid machine: slug: Field required"):
        add(bundle, tmp_path / "results" / IMPORTED)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["given.tar.xz"]


def test_what_is_no_archive_at_all_is_said_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bundle = tmp_path / "given.tar.xz"
    bundle.write_text("a letter to whom it may concern")
    for action in ("verify", "import"):
        assert main([action, str(bundle)]) == 2
        assert "is no bundle, or a damaged one" in capsys.readouterr().err
    assert main(["verify", str(tmp_path / "absent.tar.xz")]) == 2
    assert "No such file" in capsys.readouterr().err
    with pytest.raises(BundleError):
        verify(bundle)
