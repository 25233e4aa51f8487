"""For the report: how many rounds each adaptive cell got, and why no more."""

from dataclasses import dataclass

from workloads.vocabulary.plan import Cell, Plan


@dataclass(frozen=True)
class AdaptiveRounds:
    """What was decided on a cell's rounds by now."""

    cell: Cell
    rule: str  # in words
    ended: str  # why there are no more rounds, or that there may be


def adaptive_rounds(plan: Plan) -> list[AdaptiveRounds]:
    """The cells whose number of rounds is not fixed, in the plan's order; the plan with its decisions."""
    return [AdaptiveRounds(cell, _rule(cell), _ended(cell)) for cell in plan.cells if cell.adaptive is not None]


def _rule(cell: Cell) -> str:
    assert cell.adaptive is not None
    budget_s = cell.adaptive.budget_s
    budget = "" if budget_s is None else f" in {budget_s / 60:.3g} min"
    if cell.adaptive.target is None:
        return f"search{budget}, up to {cell.adaptive.most} rounds"
    return f"± {100 * cell.adaptive.target:g} %, {cell.adaptive.first} to {cell.adaptive.most} rounds{budget}"


def _ended(cell: Cell) -> str:
    if cell.due is not None:
        return "not decided yet: the run goes on, or was interrupted"
    if cell.decided and not cell.decided[-1].rounds:
        return cell.decided[-1].reason
    return "the most rounds that the config allows"
