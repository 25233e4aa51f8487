"""Do machines agree: on the setting to recommend for each workload, and on the verdict for each claim?"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from analysis.claims.config import Claims
from analysis.claims.judge import judge
from analysis.claims.verdict import ClaimVerdict, JudgedClaim
from analysis.machines.machine_run import Measured
from analysis.recommendations.recommend import Recommendation
from analysis.records.written import written_key, written_label


class Agreement(StrEnum):
    """Whether machines say the same."""

    AGREE = "agree"
    DISAGREE = "disagree"
    OPEN = "open"


@dataclass(frozen=True)
class Advice:
    """What each machine is recommended for one workload of a sweep."""

    sweep: str
    workload: str
    recommended: list[Recommendation | None]  # in the machines' order; None: not asked there
    agreement: Agreement

    def label(self, index: int) -> str:
        """The setting for a machine, as written; empty where it was not asked."""
        recommendation = self.recommended[index]
        return "" if recommendation is None else written_label(recommendation.setting)


@dataclass(frozen=True)
class Judgement:
    """What each machine says of one claim."""

    id: str
    sentence: str
    verdicts: list[JudgedClaim]  # in the machines' order
    agreement: Agreement


def advice(machines: Sequence[Measured]) -> list[Advice]:
    """For each workload that any machine was asked for. Settings agree if they are written alike, knobs
    that are left to their defaults apart.
    """
    tables = [
        {
            (recommendation.cell.sweep, recommendation.cell.workload): recommendation
            for recommendation in machine.recommended
        }
        for machine in machines
    ]
    advice = []
    for place in dict.fromkeys(place for table in tables for place in table):
        rows = [table.get(place) for table in tables]
        advice.append(Advice(*place, rows, _advice_agreement(rows)))
    return advice


def _advice_agreement(rows: list[Recommendation | None]) -> Agreement:
    known = [
        recommendation for recommendation in rows if recommendation is not None and recommendation.gain is not None
    ]
    if len(known) < 2:
        return Agreement.OPEN
    return (
        Agreement.AGREE
        if len({written_key(recommendation.setting) for recommendation in known}) == 1
        else Agreement.DISAGREE
    )


def judgements(machines: Sequence[Measured], claims: Claims) -> list[Judgement]:
    """For each claim the verdicts of all machines, all by the same rules. Raises AnalysisError."""
    verdicts = [judge(claims, machine.evidence) for machine in machines]
    return [
        Judgement(judged[0].id, judged[0].sentence, list(judged), _agreement([judged.verdict for judged in judged]))
        for judged in zip(*verdicts, strict=True)
    ]


def _agreement(verdicts: list[ClaimVerdict]) -> Agreement:
    """One machine that is undecided leaves it to the others; it takes two that decide."""
    decided = [verdict for verdict in verdicts if verdict.is_decided]
    if len(decided) < 2:
        return Agreement.OPEN
    return Agreement.AGREE if len(set(decided)) == 1 else Agreement.DISAGREE
