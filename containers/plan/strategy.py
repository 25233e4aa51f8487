"""How many rounds each cell gets: a fixed number, rounds until precise, or a search under a budget. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from containers.plan.config import Config, PrecisionConfig, SweepConfig
from workloads.vocabulary.errors import ConfigError
from workloads.vocabulary.plan import Adaptive, Cell

# Rounds from one look at the intervals to the next: what analysis.decisions.precision was simulated with.
LOOK_EVERY = 2

# What a search takes: a race that drops settings, and rounds that confirm what is left.
FEWEST_SETTINGS, FEWEST_ROUNDS = 5, 4

_MINUTE_S = 60.0


def with_strategies(config: Config, cells: Sequence[Cell]) -> list[Cell]:
    """The cells, each with its number of rounds and the rule for those beyond the first ones.

    Raises ConfigError for keys of a sweep that contradict each other, and for a search that is too small.
    """
    for name, sweep in config.sweeps.items():
        _check(name, sweep)
    # The config's own budget is one for all sweeps that go by it.
    shares: Counter[str] = Counter()
    for cell in cells:
        shares[_pot(config, cell)] += len(cell.settings)
    return [_with_strategy(config, cell, len(cell.settings) / shares[_pot(config, cell)]) for cell in cells]


def _check(name: str, sweep: SweepConfig) -> None:
    place = f"config: sweeps.{name}"
    if sweep.strategy == "search" and sweep.minutes is None:
        raise ConfigError(f"{place}: a search needs a budget", "give it `minutes`")
    if sweep.strategy == "grid" and sweep.minutes is not None:
        raise ConfigError(f"{place}.minutes is the budget of a search", "add `strategy: search`, or leave it out")
    if sweep.precision:
        if sweep.strategy == "search":
            raise ConfigError(f"{place}: a search ends by its `minutes`", "leave `precision` out")
        if sweep.rounds is not None:
            raise ConfigError(f"{place} has `rounds` and `precision`", "leave one out")


def _goes_by_config(config: Config, sweep: SweepConfig) -> bool:
    # Who counts a sweep's rounds, or says false, wants them fixed.
    return config.precision is not None and sweep.precision is None and sweep.rounds is None


def _pot(config: Config, cell: Cell) -> str:
    """Whose budget a cell takes from: its sweep's, by name, or the config's own, which has none."""
    sweep = config.sweeps[cell.sweep]
    return "" if sweep.strategy == "grid" and _goes_by_config(config, sweep) else cell.sweep


def _with_strategy(config: Config, cell: Cell, share: float) -> Cell:
    sweep = config.sweeps[cell.sweep]
    if sweep.strategy == "search":
        return _searched(sweep, cell, share)
    if sweep.precision:
        return _precise(sweep.precision, cell, share, f"sweeps.{cell.sweep}.precision")
    if config.precision is not None and _goes_by_config(config, sweep):
        return _precise(config.precision, cell, share, "precision")
    return cell


def _precise(precision: PrecisionConfig, cell: Cell, share: float, place: str) -> Cell:
    if precision.min_rounds > precision.max_rounds:
        raise ConfigError(
            f"config: {place}: min_rounds is {precision.min_rounds}, more than max_rounds, {precision.max_rounds}"
        )
    budget_s = None if precision.budget_minutes is None else share * precision.budget_minutes * _MINUTE_S
    rule = Adaptive("precision", precision.min_rounds, LOOK_EVERY, precision.max_rounds, budget_s, precision.target)
    return replace(cell, rounds=precision.max_rounds, adaptive=rule)


def _searched(sweep: SweepConfig, cell: Cell, share: float) -> Cell:
    place = f"config: sweeps.{cell.sweep}"
    if len(cell.settings) < FEWEST_SETTINGS:
        raise ConfigError(
            f"{place}: {len(cell.settings)} settings are too few to search, which takes {FEWEST_SETTINGS}",
            "write `strategy: grid`",
        )
    if cell.rounds < FEWEST_ROUNDS:
        raise ConfigError(f"{place}: a search takes {FEWEST_ROUNDS} rounds or more", "raise the sweep's `rounds`")
    assert sweep.minutes is not None  # checked with the sweep
    rule = Adaptive("search", first=1, step=cell.rounds, most=cell.rounds, budget_s=share * sweep.minutes * _MINUTE_S)
    return replace(cell, adaptive=rule)
