"""The pages that people read: every link leads somewhere, every command exists, every generated table is up to date.

Commands are not run but asked: `make -n` for a target, `--help` for a module or a tool, the files that they name.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import io
import os
import re
import shlex
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest
import yaml

from analysis.report.page import slug
from containers.plan.config import validate
from docs.generate import BLOCKS, filled

ROOT = Path(__file__).parents[2]
PAGES = [
    *sorted(ROOT.glob("*.md")),
    *sorted(ROOT.glob("docs/*.md")),
    ROOT / "results/published/README.md",
]
HEADING = re.compile(r"^#{1,6} +(.+?)\s*$", re.MULTILINE)
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
# What is not this suite's own, and whose options are not ours to check.
FOREIGN = {".", "pre-commit", "taskset"}
# What stands for something of the reader's.
PLACEHOLDERS = re.compile(r"\b(MACHINE|FILE|FOLDER|DIR|CONFIG|NAME|SWEEP|WORKLOAD)\b|mine\.yaml|a\.json")


def page_id(page: Path) -> str:
    return str(page.relative_to(ROOT))


def prose(page: Path) -> str:
    """A page without its blocks of code."""
    return FENCE.sub("", page.read_text(encoding="utf-8"))


@cache
def anchors(page: Path) -> set[str]:
    """The ids of a page's headings, as GitHub makes them."""
    taken: set[str] = set()
    for heading in HEADING.findall(prose(page)):
        slug(re.sub(r"\[([^\]]*)\]\([^)]*\)|`", r"\1", heading), taken)
    return taken


def links(page: Path) -> list[str]:
    return [link or image for link, image in LINK.findall(prose(page))]


def commands() -> list[tuple[str, str]]:
    """(page, command) for each line of a block of shell, and for each `make ...` and `python -m ...` in the prose."""
    results = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        blocks = [block for language, block in FENCE.findall(text) if language == "sh"]
        lines = [line.split(" #")[0].strip() for block in blocks for line in block.splitlines()]
        spans = re.findall(r"(?<!`)`((?:make|python -m|snakemake|pytest) [^`]+)`(?!`)", prose(page))
        results += [(page_id(page), " ".join(line.split())) for line in [*lines, *spans] if line]
    return sorted(set(results))


COMMANDS = commands()


@cache
def helped(module: str, *words: str) -> str:
    """What a module's command line says of its options, asked as `python -m` would."""
    assert importlib.util.find_spec(module.partition(".")[0]), f"{module} is not there"
    with contextlib.suppress(ModuleNotFoundError):
        importlib.import_module(module)
    assert module in sys.modules, f"{module} is not there"
    if hasattr(sys.modules[module], "__path__"):
        importlib.import_module(f"{module}.__main__")
        module = f"{module}.__main__"
    said = io.StringIO()
    with contextlib.redirect_stdout(said), pytest.raises(SystemExit) as ended:
        sys.modules[module].main([*words, "--help"])
    assert ended.value.code == 0, f"{module} {' '.join(words)}"
    return said.getvalue()


@cache
def snakemake_s_help() -> str:
    done = subprocess.run([sys.executable, "-m", "snakemake", "--help"], capture_output=True, text=True, check=True)
    return done.stdout


@cache
def dry_make(*words: str) -> str:
    """What make would do. These tests may run under a make, which tells its children its level and its options."""
    own = ("MAKELEVEL", "MAKEFLAGS", "MFLAGS")
    environment = {name: value for name, value in os.environ.items() if name not in own}
    done = subprocess.run(
        ["make", "-n", *words], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"make {' '.join(words)}: {done.stderr}"
    return done.stdout


def check(command: str) -> None:
    """Raise AssertionError for a command that names what is not there."""
    words = shlex.split(command)
    words = [word for word in words if not re.match(r"^[A-Z_]+=", word)] if words[0] not in {"make"} else words
    if words[0] in FOREIGN:
        return
    named = [word for word in words[1:] if re.search(r"\.(yaml|py|json|md)$|^tests/", word)]
    for word in named:
        file = word.partition("=")[2] or word
        assert PLACEHOLDERS.search(file) or (ROOT / file).exists(), f"{command}: {file} is not there"
    if words[0] == "make":
        assert dry_make(*words[1:]), command
        return
    if words[0] == "snakemake":
        said, rules = snakemake_s_help(), (ROOT / "Snakefile").read_text()
        for word in words[1:]:
            if word.startswith("-"):
                assert re.search(rf"(^|[\s,]){re.escape(word)}\b", said, re.MULTILINE), f"{command}: no option {word}"
            elif re.fullmatch("[a-z]+", word):
                assert f"rule {word}:" in rules, f"{command}: no rule {word}"
        return
    if words[0] == "pytest":
        return
    assert words[:2] == ["python", "-m"], f"{command}: nothing that this test knows how to check"
    module, *given = words[2:]
    subcommand = [word for word in given[:1] if re.fullmatch("[a-z-]+", word) and not word.startswith("-")]
    said = helped(module, *subcommand)
    for word in given:
        if word.startswith("--"):
            assert word.partition("=")[0] in said, f"{command}: no option {word}"


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_every_link_leads_to_a_file_and_a_heading_in_it(page: Path) -> None:
    for link in links(page):
        if link.startswith(("https://", "http://")):
            continue
        file, _, anchor = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        assert target.exists(), f"{page_id(page)}: {link}"
        assert target.is_relative_to(ROOT), f"{page_id(page)}: {link}"
        if anchor and target.suffix == ".md":
            assert anchor in anchors(target), f"{page_id(page)}: {link}"


@pytest.mark.parametrize("command", sorted({command for _, command in COMMANDS}))
def test_every_command_shown_exists_with_its_options_and_files(command: str) -> None:
    check(command)


@pytest.mark.parametrize(
    "command",
    [
        "make report-please",
        "make report CONFIG=config/nothing.yaml",
        "python -m containers.nothing",
        "python -m analysis.export pyperf --results MACHINE --loud",
        "python -m analysis.bundle polish FILE",
        "snakemake --cores 1 nothing",
        "snakemake --no-such-option",
        "pytest tests/nothing",
        "rm -rf results",
    ],
)
def test_a_command_that_does_not_exist_is_seen(command: str) -> None:
    with pytest.raises(AssertionError):
        check(command)


def test_every_page_of_the_repository_is_looked_at() -> None:
    assert {"README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/method.md"} <= set(
        map(page_id, PAGES)
    )
    assert len(COMMANDS) > 30


@pytest.mark.parametrize("page", sorted(ROOT.glob("docs/*.md")), ids=page_id)
def test_generated_tables_are_what_the_code_gives(page: Path) -> None:
    """On a mismatch, run `make docs`."""
    text = page.read_text(encoding="utf-8")
    assert filled(text) == text


def test_every_table_that_can_be_generated_is_in_a_page() -> None:
    shown = re.findall(r"<!-- generated: ([a-z-]+) -->", "".join(page.read_text() for page in ROOT.glob("docs/*.md")))
    assert sorted(shown) == sorted(BLOCKS)


@pytest.mark.parametrize("package", ["workloads", "containers", "analysis"])
def test_the_architecture_shows_every_room_in_the_order_of_the_layers(package: str) -> None:
    """From the bottom up, as pyproject.toml has them from the top down."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    [layers] = [contract["layers"] for contract in contracts if contract.get("containers") == [package]]
    names = [name for layer in reversed(layers) for name in layer.split(" | ")]  # side by side: neither above the other
    rooms = [layer for layer in names if (ROOT / package / layer / "__init__.py").exists()]
    assert set(rooms) == {path.parent.name for path in ROOT.glob(f"{package}/*/__init__.py")}
    section = (ROOT / "ARCHITECTURE.md").read_text().split(f"**{package}**")[1].split("\n**")[0].split("\n## ")[0]
    assert re.findall(r"^\| `([a-z]+)` \|", section, re.MULTILINE) == rooms


def test_every_part_of_a_report_is_explained() -> None:
    templates = (ROOT / "analysis/report/templates/report").glob("*.md.j2")
    headings = [
        heading for template in templates for heading in re.findall(r"^## (.+)$", template.read_text(), re.MULTILINE)
    ]
    explained = (ROOT / "docs/reading-a-report.md").read_text()
    # The last two explain themselves, and what the page is about.
    others = {"From a number to its records", "Method"}
    assert set(headings) - others == set(re.findall(r"^\| ([A-Z][^|]+?) \|", explained, re.MULTILINE))


def test_the_readme_fits_on_two_screens() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 130


def test_a_config_that_the_readme_shows_is_one() -> None:
    [block] = [block for language, block in FENCE.findall((ROOT / "README.md").read_text()) if language == "yaml"]
    assert validate(yaml.safe_load(block)).rounds


def test_what_code_cites_of_the_method_is_there() -> None:
    """Code and tests cite docs/method.md#heading; pages outside the repository are cited by nobody."""
    files = [
        path
        for folder in ("analysis", "containers", "workloads", "tests", "benchmarks", "config")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".yaml", ".j2"} and path != Path(__file__)
    ]
    cited = 0
    for path in files:
        text = path.read_text(encoding="utf-8")
        for anchor in re.findall(r"docs/method\.md#([\w-]+)", text):
            cited += 1
            assert anchor in anchors(ROOT / "docs/method.md"), f"{path.relative_to(ROOT)}: {anchor}"
        assert not re.search(r"\bFACTS\b|\bDESIGN\b", text), path.relative_to(ROOT)
    assert cited
