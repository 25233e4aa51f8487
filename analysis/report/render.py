"""Writes report.md and details.md: what was measured, what it shows, how far to trust it, how to do it again.

The report is what people read; the details are the tables behind it.

python -m analysis.report.render --results results/MACHINE
"""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

import jinja2

from analysis import wording
from analysis.claims.verdict import claims_told
from analysis.comparisons.comparison import COMPARISONS, of_first_metric
from analysis.comparisons.importance import IMPORTANCE, Importance
from analysis.comparisons.latency import LATENCIES, Latency
from analysis.comparisons.metrics import METRICS, fewest_calls
from analysis.comparisons.negative_controls import false_differences, is_within, negative_controls
from analysis.comparisons.resources import RESOURCES
from analysis.figures import registry
from analysis.margin import MARGIN
from analysis.plausibility import check as plausibility
from analysis.recommendations.overview import OVERVIEW, sentences
from analysis.recommendations.recommendation_row import RECOMMENDATIONS
from analysis.records.folder import read_audits, read_machine, read_plan, read_receipts
from analysis.report import (
    adaptive_rounds,
    census,
    cost,
    findings,
    markdown,
    measured,
    pages,
    soundness,
    sweeps,
    trust,
    turns,
)
from analysis.report.assumptions import assumptions
from analysis.report.audits import side_by_side
from analysis.tables.census import CENSUS
from analysis.tables.tables import read_launches, read_plain, read_slices
from workloads.vocabulary import amounts
from workloads.vocabulary.command_line import stage
from workloads.vocabulary.documents import write_text
from workloads.vocabulary.record import written

FILES = ("report.md", "details.md")


def render(root: Path) -> dict[str, str]:
    """Report and details of the machine's folder `root` by file name, from its documents and tables.

    Raises AnalysisError.
    """
    told, environment = _told(root), _environment()
    return {name: environment.get_template(f"{name}.j2").render(told) for name in FILES}


def _told(root: Path) -> dict[str, object]:
    """What the templates are filled with."""
    plan, launches, every = read_plan(root), read_launches(root), COMPARISONS.read(root)
    comparisons = of_first_metric(every)
    audits, machine = read_audits(root), read_machine(root)
    controls = negative_controls(plan, list(audits.values()))
    answers, failures = OVERVIEW.read(root), soundness.failures(launches)
    return {
        "plan": plan,
        "about": {"tester": "", "notes": ""} | (plan.config.get("about") or {}),
        "margin": MARGIN,
        "machine": machine,
        "machine_rows": measured.machine_rows(machine),
        "workloads": measured.workloads(plan, launches),
        "receipts": read_receipts(root),
        "tensorflow": measured.tensorflow_versions(launches),
        "measured": measured.counts(plan, launches),
        "overview": answers,
        "answer": " ".join(sentences(answers, markdown.code)),
        "recommended": RECOMMENDATIONS.read(root),
        "picture": registry.OVERVIEW,
        "sweeps": sweeps.sweeps(plan, every, controls),
        "two_ways": turns.two_ways(plan, comparisons, launches),
        "stalling": findings.stalling(comparisons),
        "roofline": registry.ROOFLINE if registry.ROOFLINE.when(plan, plan.cells) else None,
        "canary": registry.CANARY,
        "threads": soundness.threads(launches),
        "checks": soundness.output_checks(launches),
        "retraced": soundness.retraced(launches),
        "failures": failures,
        "last_words": soundness.last_words(root, failures),
        "absent": soundness.absent_rounds(plan, launches),
        "cost": cost.cost(launches, read_slices(root)),
        "adaptive_rounds": adaptive_rounds.adaptive_rounds(plan),
        "rows": lambda name: read_plain(root, name),
        "latencies": [list(rows) for _, rows in groupby(LATENCIES.read(root), _setting)],
        "resources": {sweep: list(rows) for sweep, rows in groupby(RESOURCES.read(root), lambda row: row.sweep)},
        "importance": [
            list(rows) for _, rows in groupby(IMPORTANCE.read(root), lambda row: (row.sweep, row.definition))
        ],
        "price": plan.config.get("price_per_hour"),
        "steadiness": trust.steadiness(launches, comparisons),
        "unknown": amounts.UNKNOWN,
        "claims": claims_told(root, plan),
        "claims_file": plan.config.get("claims") or "config/claims.yaml",
        "audits": audits,
        "side_by_side": side_by_side(audits),
        "census": census.told(audits, CENSUS.read(root)),
        "controls": controls,
        "chance": false_differences(every, controls),
        "assumptions": assumptions(comparisons, launches),
        "plausibility": plausibility.read(root),
        "quiet": trust.quiet(launches),
        "placebo": trust.placebo(comparisons, controls),
        "alike": soundness.alike,
        "exists": lambda file: soundness.exists(root, file),
    }


def _setting(row: Latency) -> tuple[str, ...]:
    return row.sweep, row.workload, row.definition, row.setting


def _cell(row: Importance) -> tuple[str, ...]:
    return row.sweep, row.definition


def _environment() -> jinja2.Environment:
    environment = pages.environment()
    environment.filters |= {
        "difference": wording.difference,
        "error": wording.error,
        "call_time": wording.call_time,
        "duration": amounts.duration,
        "size": amounts.size,
        "written": written,
        "value": lambda value, metric: METRICS[metric].reads(value),
    }
    environment.globals |= {
        "share": wording.share,
        "shown": _shown,
        "fewest_calls": fewest_calls,
        "standings": census.standings,
        "is_within": is_within,
    }
    return environment


def _shown(figure: registry.Figure | registry.PlannedFigure) -> str:
    return f"![{figure.caption}](figures/{figure.stem}.svg)"


def write(root: Path) -> None:
    """Make report.md and details.md of the machine's folder `root`. Raises AnalysisError."""
    for name, text in render(root).items():
        write_text(root / name, text)


main = stage(write)


if __name__ == "__main__":
    raise SystemExit(main())
