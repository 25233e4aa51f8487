"""Writes report.md: what was measured, what it shows, how far to trust it, how to do it again.

python -m analysis.report --results results/MACHINE
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import jinja2
import pandas as pd

from analysis import cost, findings, markdown, recommendation, recommendation_names, soundness, trust, wording
from analysis.claim_verdict import read_claims
from analysis.comparison import Comparison, read_comparisons
from analysis.errors import command
from analysis.figure_names import has_heatmap, heatmap_name, run_order_name, speedup_name
from analysis.folder import read_audits, read_canary, read_machine, read_plan, read_receipts
from analysis.tables import read_launches
from workloads.inventory import Machine
from workloads.plan import Cell, Plan
from workloads.record import written

_TEMPLATES = Path(__file__).parent / "templates"
# Outputs in float32 come out 1e-7 to 1e-5 from their reference, in BF16 2e-3 and more.
_REDUCED = 1e-3
_UNTOLD = "this machine does not tell"


@dataclass(frozen=True)
class Sweep:
    """A section of the report."""

    name: str
    question: str
    cells: list[Cell]
    baselines: list[str]  # labels
    fixed: list[str]  # knobs that all its launches share, as knob=value
    comparisons: list[Comparison]
    finding: str
    speedup_figure: str
    run_order_figure: str
    heatmaps: list[tuple[str, str]]  # workload, figure
    shows_errors: bool  # whether some setting computes with reduced precision


def sweeps(plan: Plan, comparisons: list[Comparison]) -> list[Sweep]:
    """The plan's sweeps, each with what belongs to it."""
    found = []
    for name in dict.fromkeys(cell.sweep for cell in plan.cells):
        cells = [cell for cell in plan.cells if cell.sweep == name]
        ours = [one for one in comparisons if one.sweep == name]
        baselines = [setting.label for cell in cells for setting in cell.settings if setting.id == cell.baseline]
        found.append(
            Sweep(
                name,
                question=cells[0].question,
                cells=cells,
                baselines=list(dict.fromkeys(baselines)),
                fixed=list(dict.fromkeys(f"{knob}={value}" for cell in cells for knob, value in cell.fixed.items())),
                comparisons=ours,
                finding=findings.sweep_finding(ours),
                speedup_figure=speedup_name(name),
                run_order_figure=run_order_name(name),
                shows_errors=any(max(one.error or 0, one.baseline_error or 0) > _REDUCED for one in ours),
                heatmaps=[(cell.workload, heatmap_name(cell)) for cell in cells if has_heatmap(cell)],
            )
        )
    return found


def machine_rows(machine: Machine) -> list[tuple[str, str]]:
    """The machine as (property, value), in plain words."""
    caches = ", ".join(f"{level} {size}" for level, size in machine.caches.items())
    engine = ", ".join(f"{key} {value}" for key, value in machine.engine.items())
    rows: list[tuple[str, object]] = [
        ("CPU", machine.cpu),
        ("architecture", machine.architecture),
        ("CPUs that launches may use", ", ".join(str(cpu) for cpu in machine.cpus)),
        (
            "logical CPUs, physical cores, sockets",
            f"{machine.logical_cpus}, {machine.physical_cores}, {machine.sockets}",
        ),
        ("NUMA nodes", machine.numa_nodes),
        ("caches", caches or None),
        ("vector instructions", ", ".join(machine.instruction_sets) or "none known"),
        ("memory", wording.size(machine.memory_bytes)),
        ("frequency governor", machine.governor),
        ("virtualisation", machine.virtualisation),
        ("GPUs", ", ".join(machine.gpus) or f"none: {machine.gpu_reason or 'no reason given'}"),
        ("operating system, kernel", f"{machine.os}, {machine.kernel}"),
        ("container engine", engine or None),
        (
            "load average before the run (1, 5, 15 min)",
            ", ".join(f"{load:.2f}" for load in machine.load_average),
        ),
        ("taken at (UTC)", machine.taken_at),
    ]
    return [(name, _UNTOLD if value is None else str(value)) for name, value in rows]


def render(root: Path) -> str:
    """The report of the machine's folder `root`, from its documents and tables. Raises AnalysisError."""
    plan, launches, comparisons = read_plan(root), read_launches(root), read_comparisons(root)
    audits = read_audits(root)
    return (
        _environment()
        .get_template("report.md.j2")
        .render(
            plan=plan,
            machine=read_machine(root),
            receipts=read_receipts(root),
            tensorflow=_versions(launches),
            measured=_counts(plan, launches),
            recommended=recommendation.recommendations(plan, launches),
            sweeps=sweeps(plan, comparisons),
            disagreeing=findings.means_disagree(comparisons),
            threads=soundness.threads(launches),
            checks=soundness.output_checks(launches),
            retraced=soundness.retraced(launches),
            failures=soundness.failures(launches),
            absent=soundness.absent_rounds(plan, launches),
            cost=cost.cost(launches),
            claims=read_claims(root),
            audits=audits,
            controls=trust.negative_controls(plan, list(audits.values())),
            quiet=trust.quiet(launches),
            placebo=trust.placebo(plan, comparisons),
            reference=read_canary(root),
            exists=lambda file: soundness.exists(root, file),
        )
    )


@dataclass(frozen=True)
class Counts:
    """How much was measured."""

    launches: int
    failed: int
    rounds: int  # the most that any cell has
    sweeps: int
    workloads: int
    settings: int  # over all cells, baselines included


def _counts(plan: Plan, launches: pd.DataFrame) -> Counts:
    return Counts(
        launches=len(launches),
        failed=int((launches["status"] != "ok").sum()),
        rounds=max((cell.rounds for cell in plan.cells), default=0),
        sweeps=len({cell.sweep for cell in plan.cells}),
        workloads=len({cell.workload for cell in plan.cells}),
        settings=sum(len(cell.settings) for cell in plan.cells),
    )


def _versions(launches: pd.DataFrame) -> str:
    versions = sorted({str(version) for version in launches["tensorflow"].dropna()})
    return " and ".join(versions) if versions else "of unknown version"


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # Markdown: what is not ours goes through `code` or `text`
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "code": markdown.code,
        "text": markdown.text,
        "link": markdown.link,
        "ratio": wording.ratio,
        "difference": wording.difference,
        "p_value": wording.p_value,
        "error": wording.error,
        "call_time": wording.call_time,
        "duration": wording.duration,
        "size": wording.size,
        "count": wording.count,
        "written": written,
        "recommended_file": lambda one: f"{recommendation_names.FOLDER}/{one.name}.env",
    }
    environment.globals |= {"interval": wording.interval, "share": wording.share, "machine_rows": machine_rows}
    environment.globals["tally"] = lambda words: Counter(words).most_common()
    return environment


def write(root: Path) -> None:
    """Make report.md of the machine's folder `root`. Raises AnalysisError."""
    (root / "report.md").write_text(render(root), encoding="utf-8")


def main(argv: list[str] | None = None) -> int:
    """Command line: see the module's docstring."""
    parser = argparse.ArgumentParser(prog="python -m analysis.report", description="Tables and figures to a report.")
    parser.add_argument("--results", type=Path, required=True, help="a machine's folder, such as results/MACHINE")
    arguments = parser.parse_args(argv)
    return command(lambda: write(arguments.results))


if __name__ == "__main__":
    sys.exit(main())
