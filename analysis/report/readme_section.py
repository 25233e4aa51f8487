"""Writes the README's section on a published run: the first screen of its report, and what each sweep came to.

python -m analysis.report.readme_section --report results/published/MACHINE/report.md --readme README.md
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from workloads.vocabulary.documents import write_text
from workloads.vocabulary.errors import AnalysisError, command

HEADING = "## A real run"
_LINK = re.compile(r"\]\(([^)]+)\)")
_SWEEP = re.compile(r"^### Sweep `([^`]+)`\n\n\*\*(.+)\*\*\n\n(.+)\n", re.MULTILINE)


def section(report: str, place: str) -> str:
    """The section made of a report that lies at `place`, seen from the README. Raises AnalysisError."""
    first = re.search(r"^# [^\n]*\n\n(.*?)^## In short\n\n(.*?)^<details>", report, re.MULTILINE | re.DOTALL)
    swept = _SWEEP.findall(report)
    if first is None or not swept:
        raise AnalysisError(f"{place} has no first screen and sweeps to quote", "make the report again")
    findings = "\n".join(f"- *{question}*\n  {finding}" for _, question, finding in swept)
    figure = f"![Speed-up over the baseline for each setting of {swept[0][0]}](figures/{swept[0][0]}-speedup.svg)"
    words = f"""{HEADING}

`make report` measured this; [the whole report]({Path(place).name}) lies beside its records.

{first[1].strip()}

{figure}

{first[2].strip()}

What the sweeps asked, and what came out:

{findings}

"""
    return _LINK.sub(lambda link: f"]({_seen_from_readme(link[1], place)})", words)


def _seen_from_readme(target: str, place: str) -> str:
    return f"{place}{target}" if target.startswith("#") else f"{Path(place).parent.as_posix()}/{target}"


def write(report: Path, readme: Path) -> None:
    """Put the report's section into the README in place of the one that is there. Raises AnalysisError."""
    for path in (report, readme):
        if not path.is_file():
            raise AnalysisError(f"{path} is missing", "name the file of a published run")
    if not report.resolve().is_relative_to(readme.resolve().parent):
        raise AnalysisError(
            f"{report} is not below the folder of {readme}, so no link would lead to it", "move it there"
        )
    place = report.resolve().relative_to(readme.resolve().parent).as_posix()
    text = readme.read_text(encoding="utf-8")
    old = re.search(rf"^{HEADING}\n.*?(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    if old is None:
        raise AnalysisError(f"{readme} has no section {HEADING!r}", "add that heading where the section shall stand")
    new = section(report.read_text(encoding="utf-8"), place)
    write_text(readme, text[: old.start()] + new + text[old.end() :])


def main(argv: list[str] | None = None) -> int:
    """Command line: see the module's docstring."""
    parser = argparse.ArgumentParser(
        prog="python -m analysis.report.readme_section", description="A report to the README's section."
    )
    parser.add_argument("--report", type=Path, required=True, help="report.md of a published run")
    parser.add_argument("--readme", type=Path, required=True, help="the README, in a folder above it")
    arguments = parser.parse_args(argv)
    return command(lambda: write(arguments.report, arguments.readme))


if __name__ == "__main__":
    sys.exit(main())
