"""Every stage from the records to the report. The Snakefile makes rules of them, and a bundle is rebuilt by them."""

from __future__ import annotations

from analysis.export import names as exports
from analysis.figures.registry import figure_names
from analysis.recommendations import names as recommendations
from workloads.vocabulary.plan import PEAKS_FILE, Plan
from workloads.vocabulary.stage import Stage

CLAIMS = "config/claims.yaml"
BUNDLED = ("requirements.lock", CLAIMS, "CITATION.cff")
"""Files of the suite that a bundle holds and that change between its versions."""

_PLAN = "plan.json"
_LAUNCHES = "tables/launches.parquet"
_SAMPLES = "tables/samples.parquet"
_COMPARISONS = "tables/comparisons.csv"
_COMPONENTS = "tables/components.csv"
_CLAIMS = "tables/claims.csv"
_RECOMMENDATIONS = "tables/recommendations.csv"


def stages(plan: Plan) -> list[Stage]:
    """The stages of a plan, each after those that it needs.

    Each module has a function `write(root, *suite_files)`: it makes the outputs in the machine's folder `root`.
    """
    audits = [f"audit/{image}.json" for image in plan.images]
    receipts = [f"images/{image}.{kind}" for kind in ("json", "cdx.json") for image in plan.images]
    figures = [f"figures/{stem}.{kind}" for stem in figure_names(plan) for kind in ("svg", "png")]
    recommended = recommendations.files(plan)
    return [
        Stage(
            name="tables",
            module="analysis.tables.tidy",
            inputs=[_PLAN],
            reads_rounds=True,
            outputs=[_LAUNCHES, _SAMPLES],
        ),
        Stage(
            name="comparisons",
            module="analysis.comparisons.compare",
            inputs=[_PLAN, _LAUNCHES],
            outputs=[_COMPARISONS],
        ),
        Stage(
            name="components",
            module="analysis.comparisons.components",
            inputs=[_PLAN, _LAUNCHES],
            outputs=[_COMPONENTS],
        ),
        Stage(
            name="claims",
            module="analysis.claims.judge",
            inputs=[_PLAN, _LAUNCHES, *audits],
            suite_files=[CLAIMS],
            arguments=["--results", "{results}", "--claims", f"{{suite}}/{CLAIMS}"],
            outputs=[_CLAIMS],
        ),
        Stage(
            name="recommendations",
            module="analysis.recommendations.recommend",
            inputs=[_PLAN, _LAUNCHES],
            outputs=[_RECOMMENDATIONS, *recommended],
        ),
        Stage(
            name="figures",
            module="analysis.figures.draw",
            inputs=[_PLAN, _LAUNCHES, _SAMPLES, _COMPARISONS, *([PEAKS_FILE] if plan.config.get("peaks") else [])],
            waits_for=["canary.json"],
            outputs=figures,
        ),
        Stage(
            name="report",
            module="analysis.report.render",
            inputs=[
                *(_PLAN, "machine.json", "canary.json", *receipts, *audits),
                *(_LAUNCHES, _COMPARISONS, _CLAIMS, *recommended, *figures),
            ],
            outputs=["report.md"],
        ),
        Stage(
            name="html",
            module="analysis.report.page",
            inputs=["report.md", *figures],
            outputs=["report.html"],
        ),
        Stage(
            name="data",
            module="analysis.export.twins",
            inputs=[_LAUNCHES, _COMPARISONS, _CLAIMS, _RECOMMENDATIONS, _COMPONENTS],
            outputs=list(exports.MADE),
        ),
    ]
