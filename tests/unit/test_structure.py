"""Rules of the repository that no other tool checks; who may import whom, import-linter checks (pyproject.toml)."""

import ast
import itertools
import re
import subprocess
from pathlib import Path

import pytest

from containers.sources import PACKAGES, imported, sources

ROOT = Path(__file__).parents[2]
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
ROOMS = sorted({path.parent for path in MODULES if path.parent.parent != ROOT})
DOCUMENTS = {
    f"workloads.vocabulary.{name}"
    for name in ("record", "slice", "plan", "inventory", "census", "metrics", "model_facts")
}


def roots(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imported(path)}


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [path for line in listed.stdout.splitlines() if (path := ROOT / line).is_file()]


def test_the_documents_need_the_standard_library_only() -> None:
    for name in DOCUMENTS:
        path = ROOT / name.replace(".", "/")
        assert roots(path.with_suffix(".py")) <= {
            "__future__",
            "hashlib",
            "json",
            "collections",
            "dataclasses",
            "enum",
            "statistics",
            "typing",
            "workloads",
        }
        assert {
            entry for entry in imported(path.with_suffix(".py")) if entry.count(".") == 2 and "workloads" in entry
        } <= DOCUMENTS


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_have_names_that_say_something_and_one_subject(path: Path) -> None:
    assert path.stem not in {"utils", "helpers", "common", "misc"}
    assert len(path.read_text().splitlines()) <= 300


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_constants_stand_before_the_code_and_are_explained_by_comments(path: Path) -> None:
    """A constant that is made of a function or a class of the module may follow it."""
    body = ast.parse(path.read_text()).body
    defined: set[str] = set()
    for statement, after in itertools.pairwise([*body, ast.Pass()]):
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            defined.add(statement.name)
        if isinstance(statement, ast.Assign | ast.AnnAssign):
            assert not (isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)), statement.lineno
            names = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}
            assert not defined or names & defined, statement.lineno
            if defined:
                targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
                defined |= {ast.unparse(target) for target in targets}


@pytest.mark.parametrize("path", ROOMS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_room_says_what_belongs_in_it_and_what_does_not(path: Path) -> None:
    belongs, _, elsewhere = (ast.get_docstring(ast.parse((path / "__init__.py").read_text())) or "").partition("\n\n")
    assert belongs.endswith(".")
    assert elsewhere.endswith(".")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_are_spelled_alike(path: Path) -> None:
    """What runs inside an image is started by the suite alone and has no command line for people."""
    if "harness" not in path.parts and path.stem != "command_line":
        text = path.read_text()
        assert "ArgumentParser(" not in text
        assert "sys.exit(main" not in text
        assert ('if __name__ == "__main__":' in text) == ("    raise SystemExit(main())" in text)


def test_sources_follow_imports_through_the_suite_and_no_further() -> None:
    results = [str(path.relative_to(ROOT)) for path in sources(ROOT, "containers.rounds.journal")]
    assert results == [
        "containers/__init__.py",
        "containers/rounds/__init__.py",
        "containers/rounds/journal.py",
        "workloads/__init__.py",
        "workloads/vocabulary/__init__.py",
        "workloads/vocabulary/documents.py",
        "workloads/vocabulary/errors.py",
        "workloads/vocabulary/model_facts.py",
        "workloads/vocabulary/older_formats.py",
        "workloads/vocabulary/older_plans.py",
        "workloads/vocabulary/record.py",
        "workloads/vocabulary/slice.py",
    ]


def test_no_file_names_a_registry_s_host_or_carries_a_lock_with_addresses() -> None:
    lock_like = [path for path in tracked() if path.suffix in {".lock", ".in"}]
    assert lock_like
    for path in lock_like:
        assert not re.search(r"https?://|index-url|find-links=|/root/|/home/", path.read_text()), path


def test_the_dictionary_of_words_is_where_it_is_said_to_be() -> None:
    import workloads

    words = ("machine", "image", "knob", "setting", "workload", "sweep", "round", "launch", "sample", "record")
    assert all(re.search(rf"^{word} ", workloads.__doc__ or "", re.MULTILINE) for word in words)
