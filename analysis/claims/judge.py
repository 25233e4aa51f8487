"""Claims to verdicts: supported, refuted, undecided, or not testable here, each with its numbers.

A claim is not testable here where none of its tests could be made, or where those that were made lean to the verdict
that the missing ones would have to share: more rounds would not give it. The reason names what was missing.

A claim's tests (analysis/claims/kinds) each give a p for it and a p against it. Where all tests must hold, the p
for the claim is the largest of theirs (Berger 1982, "Multiparameter hypothesis testing and acceptance sampling") and
the p against it the smallest, times their number (Bonferroni); where any will do, the other way round. An audit's
fact is decided without chance, and may settle a claim by itself: one that fails where all must hold, one that holds
where any will do. Holm's adjustment goes over all other claims that rest on times, each with the smaller of its two p:
the verdict is supported or refuted if that adjusted p is below 5 %, else undecided. The effect is that of the test on
which the verdict hangs, its 95 % interval for that test alone: it may exclude 1 where the adjusted p allows no
verdict. A claim that a fact settles has none.

    python -m analysis.claims.judge --results results/MACHINE --claims config/claims.yaml
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from analysis.claims.config import Claim, Claims, read_file
from analysis.claims.evidence import read_evidence
from analysis.claims.kinds.hypothesis import Outcome
from analysis.claims.verdict import CLAIMS, ClaimVerdict, JudgedClaim
from analysis.comparisons.pairs import Evidence, NotTestableError, UndecidedError
from analysis.figures.registry import figure_names
from analysis.statistics.holm import holm
from analysis.statistics.log_mean import ALPHA
from workloads.vocabulary.command_line import add_results, parser_of
from workloads.vocabulary.errors import command
from workloads.vocabulary.plan import HoleKind, Plan


@dataclass(frozen=True)
class Case:
    """A claim with what its tests say, not yet adjusted."""

    claim: Claim
    outcomes: list[Outcome]
    missing: list[str]  # why tests could not be made here
    open: list[str]  # why tests that were made can decide nothing

    @property
    def by_chance(self) -> bool:
        """Whether the verdict rests on times, which differ from run to run."""
        return self.settling is None and any(outcome.p_for is not None for outcome in self.outcomes)

    @property
    def settling(self) -> Outcome | None:
        """The fact of an audit that decides the claim whatever the other tests say."""
        enough = self.claim.holds == "any"
        return next((outcome for outcome in self.outcomes if outcome.p_for is None and outcome.holds is enough), None)

    @property
    def p(self) -> tuple[float, float]:
        """For and against the claim, over its tests. One that says nothing can hold back `all`, and save `any`."""
        p_for, p_against = self._p_made
        if not (self.missing or self.open):
            return p_for, p_against
        return (1.0, p_against) if self.claim.holds == "all" else (p_for, 1.0)

    @property
    def waits_for_what_is_missing(self) -> bool:
        """Whether the verdict to which the tests that were made lean takes those that could not be made."""
        if not self.missing or self.open:
            return False
        p_for, p_against = self._p_made
        return p_for <= p_against if self.claim.holds == "all" else p_against < p_for

    @property
    def _p_made(self) -> tuple[float, float]:
        """For and against the claim, by the tests that were made alone."""
        if not self.outcomes:
            return 1.0, 1.0
        p_for, p_against = [_p(outcome)[0] for outcome in self.outcomes], [_p(outcome)[1] for outcome in self.outcomes]
        tests = sum(outcome.p_for is not None for outcome in self.outcomes)
        if self.claim.holds == "all":
            return max(p_for), _smallest(p_against, tests)
        return _smallest(p_for, tests), max(p_against)

    def deciding(self, verdict: ClaimVerdict) -> Outcome | None:
        """The test on which a verdict hangs: the weakest where all must agree, the strongest where one is enough."""
        if self.settling is not None:
            return self.settling
        against = verdict is ClaimVerdict.REFUTED
        weakest = (self.claim.holds == "all") != against
        timed = [outcome for outcome in self.outcomes if outcome.p_for is not None]
        return (max if weakest else min)(timed, key=lambda outcome: _p(outcome)[against], default=None)


def _p(outcome: Outcome) -> tuple[float, float]:
    if outcome.p_for is None or outcome.p_against is None:
        return (0.0, 1.0) if outcome.holds else (1.0, 0.0)
    return outcome.p_for, outcome.p_against


def _smallest(p: list[float], tests: int) -> float:
    return min(1.0, max(tests, 1) * min(p))


def judge(claims: Claims, evidence: Evidence) -> list[JudgedClaim]:
    """A verdict for each claim, in the file's order. Raises AnalysisError for a table that contradicts itself."""
    cases = [_examine(claim, evidence) for claim in claims.claims]
    tested = [index for index, case in enumerate(cases) if case.by_chance]
    adjusted = dict(zip(tested, holm([min(cases[index].p) for index in tested]), strict=True))
    figures = figure_names(evidence.plan)
    return [
        replace(_judge(case, adjusted.get(index), claims), family=len(tested) if index in adjusted else 0).with_figure(
            case.claim.figure, figures
        )
        for index, case in enumerate(cases)
    ]


def _examine(claim: Claim, evidence: Evidence) -> Case:
    case = Case(claim, [], [], [])
    if reason := _out_of_reach(claim, evidence.plan):
        case.missing.append(reason)
        return case
    for test in claim.tests:
        try:
            case.outcomes.append(test.run(evidence))
        except NotTestableError as reason:
            case.missing.append(str(reason))
        except UndecidedError as reason:
            case.open.append(str(reason))
    return case


def _out_of_reach(claim: Claim, plan: Plan) -> str:
    if claim.needs == "gpu" and not plan.images.keys() & set(plan.gpu_images):
        reasons = plan.missing(HoleKind.IMAGE, plan.gpu_images)
        return f"it needs a GPU: {reasons[0]}" if reasons else "it needs a GPU"
    return claim.untested or ""


def _judge(case: Case, adjusted: float | None, claims: Claims) -> JudgedClaim:
    p_for, p_against = case.p
    decided = (adjusted if adjusted is not None else min(p_for, p_against)) < ALPHA
    nothing_made = bool(case.missing) and not (case.outcomes or case.open)
    neither = ClaimVerdict.NOT_HERE if nothing_made or case.waits_for_what_is_missing else ClaimVerdict.UNDECIDED
    verdict = (ClaimVerdict.SUPPORTED if p_for <= p_against else ClaimVerdict.REFUTED) if decided else neither
    first = case.deciding(verdict)
    ordered = sorted(case.outcomes, key=lambda outcome: outcome is not first)
    row = JudgedClaim(
        id=case.claim.id,
        sentence=case.claim.sentence,
        source=case.claim.source,
        title=claims.sources[case.claim.source],
        verdict=verdict,
        tests=tuple(dict.fromkeys(test.test for test in case.claim.tests)),
        found=_sentence("; ".join(outcome.words for outcome in ordered)),
        reason="" if decided else _sentence("; ".join(dict.fromkeys([*case.missing, *case.open]))),
        refuted_by=case.claim.refuted_by,
        published=case.claim.published or "",
        places=tuple(dict.fromkeys(place for outcome in ordered for place in outcome.places)),
        directories=tuple(dict.fromkeys(path for outcome in ordered for path in outcome.directories)),
    )
    if first is None or not case.by_chance:
        return row
    effect = {"measure": first.measure, "effect": first.effect, "low": first.low, "high": first.high}
    return replace(row, **effect, p=min(p_for, p_against), p_adjusted=adjusted)  # type: ignore[arg-type]


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:].rstrip('.')}." if text else ""


def write(root: Path, claims_path: Path) -> None:
    """Make the table of claims of the machine's folder `root`: of those that its config asks. Raises AnalysisError."""
    claims, evidence = read_file(claims_path), read_evidence(root)
    plan = evidence.plan
    sweeps = {cell.sweep for cell in plan.cells} | {hole.name for hole in plan.holes if hole.kind is HoleKind.SWEEP}
    asked = {claim.id for claim in claims.claims if claim.is_asked(sweeps)}
    CLAIMS.write(root, [row for row in judge(claims, evidence) if row.id in asked])


def main(argv: list[str] | None = None) -> int:
    """Command line: see the module's docstring."""
    parser = parser_of(main)
    add_results(parser)
    parser.add_argument("--claims", type=Path, default=Path("config/claims.yaml"), help="the claims")
    arguments = parser.parse_args(argv)
    return command(lambda: write(arguments.results, arguments.claims))


if __name__ == "__main__":
    raise SystemExit(main())
