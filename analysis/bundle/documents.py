"""Whether the documents of a bundle are what they should be: each parses, they agree, and no name in them leads astray.

They may come from a stranger. Names in the plan become file names when figures and recommendations are made, and
numbers in it become loops, so both are bounded here, before any stage of the analysis sees them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import yaml

from analysis.bundle.contents import CLAIMS_FILE, SUITE
from analysis.claims.config import read_file
from analysis.plausibility.check import Plausibility, require_plausible
from analysis.records.folder import (
    read_audits,
    read_machine,
    read_peaks,
    read_plan,
    read_receipts,
    read_records,
    read_whole_plan,
    rounds_on_file,
)
from analysis.workflow.stages import claims_of
from workloads.vocabulary.documents import RESTORE, check_numbers, read, short
from workloads.vocabulary.errors import AnalysisError, BundleError, ConfigError
from workloads.vocabulary.inventory import Machine, Receipt
from workloads.vocabulary.plan import Decision, Plan

_SCHEMA = Path(__file__).parents[2] / "config/schema.json"

# As a config may write them, and as a machine is named; each becomes a part of file names.
_NAME = re.compile(r"[a-z][a-z0-9_-]*")
_IMAGE = re.compile(r"[a-z][a-z0-9_-]{0,59}(\.[0-9]{1,9}){0,4}")
_IDENTITY = re.compile(r"[0-9a-f]{8}")
MACHINE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*-[0-9]+c-[0-9a-f]{6}")

# Reading and writing YAML takes seconds a megabyte; a config of a thousand settings has a tenth of that.
_MOST_BYTES = {"plan.json": 8 * 2**20, CLAIMS_FILE: 2**20}
_MOST_LAUNCHES = 1_000_000  # of a plan: at a second each, they would take twelve days


@dataclass(frozen=True)
class Run:
    """What the documents of a bundle say, in short."""

    plan: Plan
    machine: Machine
    receipts: dict[str, Receipt]
    records: int
    first: str  # when the first launch started, UTC, ISO 8601
    last: str  # when the last one did


def check_documents(root: Path, machine: str, place: str) -> Run:
    """Read every document below `root`, a folder with a bundle's files, which are about `machine`.

    Raises BundleError, which names `place`.
    """
    try:
        return _check(root, machine)
    except (AnalysisError, ConfigError) as error:
        raise BundleError(f"{place}: {error.what.replace(f'{root}/', '')}", error.remedy) from None
    except (ValueError, RecursionError) as error:
        raise BundleError(f"{place}: a document in it cannot be read ({short(error)})", "do not use it") from None


def named(plausibility: Plausibility) -> list[str]:
    """A sentence for each record that does not hold together, and for each plan that had more than today's."""
    return [
        *(f"does not hold together: {violation}" for violation in plausibility.violations),
        *(f"cut: {clause}" for clause in plausibility.cuts),
    ]


def plausible(root: Path, place: str) -> Plausibility:
    """Whether the records below `root` hold together. Raises BundleError, which names `place`, if too few do."""
    try:
        return require_plausible(root)
    except AnalysisError as error:
        raise BundleError(f"{place}: {error.what}", error.remedy) from None


def _check(root: Path, slug: str) -> Run:
    for file, most in _MOST_BYTES.items():
        if (root / file).is_file() and (root / file).stat().st_size > most:
            raise BundleError(f"{file}: more than {most} bytes", "do not use it")
    for path in sorted([*root.rglob("*.json"), *root.rglob("*.jsonl")]):
        _numbers(path)
    whole = read_whole_plan(root)
    _bounded(whole)
    _decisions(root, whole)
    plan = read_plan(root)
    machine, receipts, audits = read_machine(root), read_receipts(root), read_audits(root)
    about = {slug, plan.machine, machine.slug, *(audit.machine for audit in audits.values())}
    about |= {record.machine for record in read_peaks(root)}
    if len(about) > 1:
        raise BundleError(f"its documents are about several machines: {', '.join(sorted(about))}", "do not use it")
    if absent := sorted(plan.images.keys() - receipts.keys()):
        raise BundleError(f"images/{absent[0]}.json is missing", "get the whole bundle")
    _config(root, plan)
    for file in {CLAIMS_FILE, f"{SUITE}/{claims_of(plan)}"}:
        _claims(root / file)
    _rounds(root, plan)
    started = []
    for line in read_records(root, plan):
        if line.record.machine != plan.machine:
            raise BundleError(f"{line.file}:{line.number}: record {line.record.id} is of another machine")
        started.append(line.record.started_at)
    if not started:
        raise BundleError("no records in it", "measure something first")
    return Run(plan, machine, receipts, len(started), min(started), max(started))


def _numbers(path: Path) -> None:
    """Every number is one that a table can hold."""
    for text in path.read_bytes().splitlines() if path.suffix == ".jsonl" else [path.read_bytes()]:
        check_numbers(text, str(path), RESTORE)


def _bounded(plan: Plan) -> None:
    """Names that can be file names, and no more launches than can be."""
    if not MACHINE_NAME.fullmatch(plan.machine):
        raise BundleError(f"plan.json: {plan.machine!r} is no machine's name", "do not use it")
    for kind, pattern, names in (
        ("image", _IMAGE, list(plan.images)),
        ("sweep", _NAME, [cell.sweep for cell in plan.cells]),
        ("workload", _NAME, [cell.workload for cell in plan.cells]),
        ("definition", _IDENTITY, [cell.definition for cell in plan.cells]),
    ):
        if wrong := [name for name in names if not pattern.fullmatch(name)]:
            raise BundleError(f"plan.json: {wrong[0]!r} is no name for a {kind}", "do not use it")
    launches = 0
    for cell in plan.cells:
        rounds = [cell.rounds, cell.certain, cell.adaptive.most if cell.adaptive else cell.rounds]
        launches += max(rounds) * len(cell.settings)
        if min(rounds) < 1 or cell.decided or launches > _MOST_LAUNCHES:
            raise BundleError(f"plan.json: cell {cell.name}: rounds that nobody plans", "do not use it")


def _config(root: Path, plan: Plan) -> None:
    """The config fits this version's schema, and is the plan's, as YAML."""
    schema = json.loads(_SCHEMA.read_text(encoding="utf-8"))
    if error := jsonschema.exceptions.best_match(jsonschema.Draft202012Validator(schema).iter_errors(plan.config)):
        where = ".".join(str(part) for part in error.absolute_path) or "config"
        raise BundleError(f"plan.json: config: {where}: {short(error.message)}", "use the suite that wrote it")
    path = root / "config.yaml"
    # The text is written anew, in the plan's own format, and compared, not parsed: YAML can say more than a plan.
    written = json.loads((root / "plan.json").read_bytes())["config"]
    if not path.is_file() or path.read_bytes() != config_text(written):
        raise BundleError(f"{path} is not the config of plan.json", "run `snakemake --cores 1` to write both again")


def config_text(config: Mapping[str, Any]) -> bytes:
    """A plan's config as config.yaml holds it."""
    return str(yaml.safe_dump(dict(config), sort_keys=False)).encode()


def _claims(path: Path) -> None:
    """The claims can be read, and say each thing once: a YAML alias could say one a thousand million times."""
    try:
        text = path.read_text(encoding="utf-8")
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text)):
            raise BundleError(f"{path}: it holds an alias, which claims do without", "do not use it")
    except (OSError, yaml.YAMLError) as error:
        raise BundleError(f"{path} cannot be read ({short(error)})", "get the bundle again") from None
    read_file(path)


def _decisions(root: Path, plan: Plan) -> None:
    """Each belongs to a cell and leads on: one that led back to itself would be followed for ever."""
    folders = {str(Path(cell.decision(0)).parent) for cell in plan.cells}
    for path in sorted(path for path in (root / "decisions").rglob("*") if path.is_file()):
        if str(path.relative_to(root).parent) not in folders or path.suffix != ".json":
            raise BundleError(f"{path} belongs to no cell of plan.json", "do not use it")
        decision = read(Decision, path)
        if str(decision.after) != path.stem or decision.after < 1 or not 0 <= decision.rounds <= _MOST_LAUNCHES:
            raise BundleError(f"{path} is no decision on what comes after {path.stem} rounds", "do not use it")


def _rounds(root: Path, plan: Plan) -> None:
    """No rounds but the plan's: others would be records that nobody looks at."""
    round_files = {cell.round_file(number) for cell in plan.cells for number in rounds_on_file(root, cell)}
    for path in sorted(path for path in (root / "rounds").rglob("*") if path.is_file()):
        if str(path.relative_to(root)) not in round_files:
            raise BundleError(f"{path} belongs to no round of plan.json", "do not use it")
