"""Writes the tables of docs/ that follow from the code; `make docs` runs it, and a test fails if a page is behind.

A page is prose by hand. Between `<!-- generated: NAME -->` and `<!-- end -->` it holds what a function of this module
writes: config.md the keys from the config's schema, knobs.md the catalogue, variables.md the published
censuses, workloads.md the workloads' docstrings.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from analysis.tables.census import VariableRow, rows
from containers.plan.config import Config
from workloads.harness.contract import Parameters, find, known
from workloads.vocabulary import documents
from workloads.vocabulary.census import Standing
from workloads.vocabulary.command_line import parser_of
from workloads.vocabulary.inventory import Audit
from workloads.vocabulary.knobs import CATALOGUE, Knob

HERE = Path(__file__).parent
PUBLISHED = HERE.parent / "results/published"
_BLOCK = re.compile(r"(<!-- generated: ([a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)

_SCHEMA = Config.model_json_schema()

# Who applies a knob, as headings of docs/knobs.md, in their order there.
KINDS = {
    "api": "Set by TensorFlow's API",
    "engine": "Set by the container engine",
    "worker": "Set by the worker",
    "parameter": "Parameters of workloads",
    "environment": "Environment variables",
}


def table(head: list[str], rows: list[list[str]]) -> str:
    """A table of GitHub's Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(cell.replace("|", r"\|") for cell in line) + " |\n" for line in lines)


def keys(name: str) -> str:
    """The keys of one part of the config: "config" or the name of a model of the schema."""
    part = _SCHEMA if name == "config" else _SCHEMA["$defs"][name]
    required = part.get("required", [])
    rows = [
        [f"`{key}`", _type(field), "required" if key in required else _default(field), field.get("description", "")]
        for key, field in part["properties"].items()
    ]
    return table(["key", "value", "default", "meaning"], rows)


def _type(field: dict[str, Any]) -> str:
    """A value's type in words."""
    if "enum" in field:
        return " or ".join(f"`{value}`" for value in field["enum"])
    if "const" in field:
        return f"`{str(field['const']).lower()}`"
    if "$ref" in field and "enum" in (choice := _SCHEMA["$defs"][field["$ref"].rsplit("/", 1)[-1]]):
        return _type(choice)
    if "$ref" in field:
        return f"see [{_part(field['$ref'])}](#{_part(field['$ref'])})"
    if "anyOf" in field:
        forms = [_type(form) for form in field["anyOf"] if form.get("type") != "null"]
        return " or ".join(dict.fromkeys(forms))
    match field.get("type"):
        case "integer":
            return "whole number"
        case "boolean":
            return "`true` or `false`"
        case "string":
            return "text"
        case "array":
            return f"list of {_plural(field['items'])}"
        case "object":
            return "mapping" + _of(field)
        case other:
            return str(other)


def _plural(items: dict[str, Any]) -> str:
    return {"string": "texts", "object": "mappings"}.get(items.get("type", ""), _type(items))


def _of(field: dict[str, Any]) -> str:
    inner = [form for form in field.get("patternProperties", {}).values() if "$ref" in form]
    return f" of names, {_type(inner[0])}" if inner else ""


def _part(reference: str) -> str:
    """The heading under which docs/config.md describes a part of the schema."""
    return reference.rsplit("/", 1)[-1].removesuffix("Config").lower()


def _default(field: dict[str, Any]) -> str:
    default = field.get("default")
    if default is None:
        return "–"
    if isinstance(default, dict | list):
        return "see there" if default else "–"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def knobs() -> str:
    """The catalogue, a table for each way in which a knob is applied."""
    parts = []
    for kind, heading in KINDS.items():
        rows = [_knob(knob) for knob in CATALOGUE.values() if knob.kind == kind]
        head = ["knob", "read", "the audit tries", "an impossible value", "where its effect shows", "source"]
        parts.append(f"### {heading}\n\n{table(head, rows)}\n")
    return "".join(parts)


def _knob(knob: Knob) -> list[str]:
    tried = ", ".join(f"`{str(value).lower() if isinstance(value, bool) else value}`" for value in knob.tried)
    name = f"`{knob.name}`" + (f", also `{knob.variable}`, over which it wins" if knob.variable else "")
    return [name, knob.read, tried or "–", knob.bad_value, knob.observed, knob.source]


def workloads() -> str:
    """Every workload: its docstring, and its parameters with their ranges."""
    return "".join(_workload(name) for name in known())


def _workload(name: str) -> str:
    module = find(name)
    first, _, rest = inspect.cleandoc(module.__doc__ or "").partition("\n\n")
    rest = re.sub(r"^(Work|Check|Inputs):", r"\n**\1:**", rest, flags=re.MULTILINE).replace("\n\n\n", "\n\n")
    rows = list(_parameters(module.Params, Path(str(inspect.getsourcefile(module.Params)))))
    return f"### {name}\n\n{first}\n\n{rest.strip()}\n\n{table(['parameter', 'default', 'range', 'meaning'], rows)}\n"


def _parameters(params: type[Parameters], source: Path) -> Iterator[list[str]]:
    meanings = _comments(source)
    for field in dataclasses.fields(params):
        default = str(field.default).lower() if isinstance(field.default, bool) else str(field.default)
        yield [f"`{field.name}`", f"`{default}`", str(params.range(field.name)), meanings.get(field.name, "")]


def _comments(source: Path) -> dict[str, str]:
    """The comment at the end of each parameter's line."""
    text = source.read_text(encoding="utf-8")
    lines = text.splitlines()
    [params] = [node for node in ast.parse(text).body if isinstance(node, ast.ClassDef) and node.name == "Params"]
    declared = [node for node in params.body if isinstance(node, ast.AnnAssign)]
    return {
        ast.unparse(node.target): lines[(node.end_lineno or 0) - 1].partition("  # ")[2].strip() for node in declared
    }


def variables() -> str:
    """What a published audit saw: the variables that TensorFlow reads, and the catalogue's that it does not."""
    audits = [documents.read(Audit, file) for file in sorted(PUBLISHED.glob("**/audit/cpu.json"))]
    seen = [(audit, audit.census) for audit in audits if audit.census is not None]
    if not seen:
        return "No published run has a census.\n"
    audit, census = max(seen, key=lambda pair: len(pair[1].variables()))
    told = list(rows(audit.image.name, census))
    read = [row for row in told if row.standing == Standing.TENSORFLOW]
    not_read = [row for row in told if row.is_knob and row.standing != Standing.TENSORFLOW]
    return (
        f"Image `{audit.image.name}` on `{audit.machine}`: {len(census.variables())} variables, {len(read)} of them"
        " read by TensorFlow or Keras.\n\n"
        + table(["variable", "who asks", "during", "times"], [_variable(row) for row in read])
        + "\nOf the catalogue, TensorFlow never asks for these:\n\n"
        + table(["variable", "", "who asks"], [_unread(row) for row in not_read])
    )


def _variable(row: VariableRow) -> list[str]:
    return [f"`{row.variable}`", ", ".join(f"`{by}`" for by in row.by[:2]), ", ".join(row.phases[:2]), str(row.calls)]


def _unread(row: VariableRow) -> list[str]:
    return [f"`{row.variable}`", row.standing, ", ".join(f"`{by}`" for by in row.by[:2]) or "–"]


# What each generated block holds, by its name.
BLOCKS: dict[str, Callable[[], str]] = {
    "config": lambda: keys("config"),
    **{
        _part(f"#/{name}"): (lambda name=name: keys(name))  # type: ignore[misc]
        for name, part in _SCHEMA["$defs"].items()
        if "properties" in part
    },
    "knobs": knobs,
    "variables": variables,
    "workloads": workloads,
}


def filled(page: str) -> str:
    """A page with its generated blocks as the code has them now. Raises KeyError for a block that is none."""
    return _BLOCK.sub(lambda block: f"{block[1]}\n{BLOCKS[block[2]]().strip()}\n\n{block[3]}", page)


def main(argv: list[str] | None = None) -> int:
    """Write every page of docs/ anew."""
    parser_of(main).parse_args(argv)
    for page in sorted(HERE.glob("*.md")):
        page.write_text(filled(page.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
