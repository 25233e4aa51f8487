"""Claims written short, and judged on launches made from known truth."""

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd

from analysis.claims.config import Claims
from analysis.claims.judge import judge
from analysis.claims.verdict import JudgedClaim
from analysis.comparisons.pairs import Evidence
from tests.made.known_truth import ONE, TWO, Truth, launches_of, plan_of
from workloads.vocabulary.inventory import Audit, AuditFact
from workloads.vocabulary.record import ImageIdentity

CPU = ImageIdentity("cpu", "sha256:0", "sha256:1")
FOUR = {"intra_op": 4}


def contrast(workload: str = "w", **more: Any) -> dict[str, Any]:
    return {"sweep": "s", "workload": workload, "setting": TWO, "against": ONE, **more}


def ratio(workload: str = "w", **more: Any) -> dict[str, Any]:
    return contrast(workload, test="ratio", **more)


def claim(*tests: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "id": "c",
        "sentence": "It is so.",
        "source": "G",
        "refuted_by": "It is not so.",
        "tests": list(tests),
        **more,
    }


def verdicts(*wanted: dict[str, Any], evidence: Evidence) -> list[JudgedClaim]:
    named = [entry | {"id": f"c{number}"} for number, entry in enumerate(wanted)]
    return judge(Claims.model_validate({"sources": {"G": "A guide"}, "claims": named}), evidence)


def verdict(
    wanted: dict[str, Any],
    *truths: Truth,
    noise: float = 0.01,
    change: Callable[[pd.DataFrame], pd.DataFrame] = lambda rows: rows,
    facts: Sequence[AuditFact] = (),
    **plan: Any,
) -> JudgedClaim:
    launches = change(launches_of(truths, noise=noise))
    audits = {"cpu": Audit(CPU, "m", [], list(facts), 1, 1.0)} if facts else {}
    (judgements,) = verdicts(wanted, evidence=Evidence(plan_of(truths, **plan), launches, audits))
    return judgements


def cell(*speeds: float, workload: str = "w", **more: Any) -> Truth:
    """Settings intra_op 1, cores, 4, ... with these speeds."""
    return Truth("s", workload, list(zip([ONE, TWO, FOUR, {"intra_op": 8}], speeds, strict=False)), **more)


def fact(holds: bool | None) -> AuditFact:
    return AuditFact("no-openmp", "No OpenMP library is loaded", holds, "the list of loaded libraries")
