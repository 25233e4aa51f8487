"""Every stage from the records to the report. The Snakefile makes rules of them, and a bundle is rebuilt by them."""

from __future__ import annotations

from analysis.export import names as exports
from analysis.figures.registry import figure_names
from analysis.recommendations import names as recommendations
from workloads.vocabulary.plan import PEAKS_FILE, Plan
from workloads.vocabulary.stage import Stage

CLAIMS = "config/claims.yaml"

# Files of the suite that a bundle holds and that change between its versions.
BUNDLED = ("requirements.lock", CLAIMS, "CITATION.cff")

_PLAN = "plan.json"
_PLAUSIBILITY = "plausibility.json"
_LAUNCHES = "tables/launches.parquet"
_SAMPLES = "tables/samples.parquet"
_SLICES = "tables/slices.parquet"
_COMPARISONS = "tables/comparisons.parquet"
_OVERVIEW = "tables/overview.parquet"


def claims_of(plan: Plan) -> str:
    """The file of claims that a plan's report judges, below the suite."""
    return str(plan.config.get("claims") or CLAIMS)


def stages(plan: Plan) -> list[Stage]:
    """The stages of a plan, each after those that it needs.

    Each module has a function `write(root, *suite_files)`: it makes the outputs in the machine's folder `root`.
    """
    tables = stages_of_tables(plan)
    return [*tables, *_pages(plan, [file for stage in tables for file in stage.outputs])]


def stages_of_tables(plan: Plan) -> list[Stage]:
    """The stages that make tables, and what they need of the records; the report and the exports take all of them."""
    return [
        Stage(
            name="plausibility",
            module="analysis.plausibility.check",
            inputs=[_PLAN, "machine.json", *_receipts(plan)],
            reads_rounds=True,
            outputs=[_PLAUSIBILITY],
        ),
        Stage(
            name="tables",
            module="analysis.tables.tidy",
            inputs=[_PLAN, _PLAUSIBILITY],
            reads_rounds=True,
            outputs=[_LAUNCHES, _SAMPLES, _SLICES],
        ),
        Stage(
            name="census",
            module="analysis.tables.census",
            inputs=[_PLAN, *_audits(plan)],
            outputs=["tables/census.parquet"],
        ),
        Stage(
            name="comparisons",
            module="analysis.comparisons.compare",
            inputs=[_PLAN, _LAUNCHES],
            outputs=[_COMPARISONS, *(f"tables/{name}.parquet" for name in ("latencies", "resources", "importance"))],
        ),
        Stage(
            name="components",
            module="analysis.comparisons.components",
            inputs=[_PLAN, _LAUNCHES, _COMPARISONS],
            outputs=["tables/components.parquet"],
        ),
        Stage(
            name="claims",
            module="analysis.claims.judge",
            inputs=[_PLAN, _LAUNCHES, *_audits(plan)],
            suite_files=[claims_of(plan)],
            arguments=["--results", "{results}", "--claims", f"{{suite}}/{claims_of(plan)}"],
            outputs=["tables/claims.parquet"],
        ),
        Stage(
            name="recommendations",
            module="analysis.recommendations.recommend",
            inputs=[_PLAN, "machine.json", _LAUNCHES, _SAMPLES, _COMPARISONS, *_audits(plan)],
            outputs=[
                "tables/recommendations.parquet",
                "tables/searches.parquet",
                _OVERVIEW,
                *recommendations.files(plan),
            ],
        ),
    ]


def _receipts(plan: Plan) -> list[str]:
    return [f"images/{image}.json" for image in plan.images]


def _audits(plan: Plan) -> list[str]:
    return [f"audit/{image}.json" for image in plan.images]


def _pages(plan: Plan, results: list[str]) -> list[Stage]:
    """What is made of the tables, and of the files beside them."""
    receipts = [f"images/{image}.{kind}" for kind in ("json", "cdx.json") for image in plan.images]
    figures = [f"figures/{stem}.{kind}" for stem in figure_names(plan) for kind in ("svg", "png")]
    tables = [file for file in results if file.endswith(".parquet")]
    return [
        Stage(
            name="figures",
            module="analysis.figures.draw",
            inputs=[
                _PLAN,
                _LAUNCHES,
                _SAMPLES,
                _SLICES,
                _COMPARISONS,
                _OVERVIEW,
                *([PEAKS_FILE] if plan.peaks else []),
            ],
            waits_for=["machine.json"],
            outputs=figures,
        ),
        Stage(
            name="report",
            module="analysis.report.render",
            inputs=[
                *(_PLAN, "machine.json", *receipts, *_audits(plan)),
                *(file for file in results if file != _SAMPLES),
                *figures,
            ],
            outputs=["report.md", "details.md"],
        ),
        Stage(
            name="html",
            module="analysis.report.page",
            inputs=["report.md", "details.md", *figures],
            outputs=["report.html"],
        ),
        Stage(
            name="data",
            module="analysis.export.twins",
            inputs=tables,
            outputs=exports.made(tables),
        ),
    ]
