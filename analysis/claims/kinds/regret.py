"""Is there a better setting than this one? Cross-fitted, see analysis.comparisons.regret."""

import math
from collections.abc import Iterator
from typing import Literal

import pandas as pd
from pydantic import PositiveFloat

from analysis.claims.evidence import Place, cell_of, metric_of, setting_of
from analysis.claims.kinds.hypothesis import Hypothesis, Outcome, Reference, outcome
from analysis.claims.kinds.p_values import BothSides, two_sided
from analysis.comparisons.pairs import Evidence, NotTestableError, Pairs, pairs_of
from analysis.comparisons.regret import regret
from analysis.margin import MARGIN
from analysis.records.written import Written


class RegretTest(Hypothesis, Place):
    """Is the best other setting of the sweep faster than this one?"""

    test: Literal["regret"]
    setting: Written
    margin: PositiveFloat = MARGIN

    def references(self) -> Iterator[Reference]:
        """The setting that others may beat."""
        yield Reference(self.sweep, self.workload, [self.setting])

    def run(self, evidence: Evidence) -> Outcome:
        """Choose the best on one half of the rounds, and test its gain on the other."""
        cell = cell_of(evidence, self.sweep, self.workload)
        default = setting_of(cell, self.setting)
        metric = metric_of(cell, self)
        others: dict[str, Pairs] = {}
        for setting in cell.settings:
            try:
                if setting.id != default.id:
                    others[setting.label] = pairs_of(evidence, cell, setting, default, metric)
            except NotTestableError:
                continue  # a setting that does not run cannot be the best one
        if not others:
            raise NotTestableError(f"nothing on {cell.workload} can be compared with {default.label}")
        # Settings x rounds; NaN where one does not count in a round.
        matrix = pd.DataFrame({label: pair.log_ratios for label, pair in others.items()}).T.to_numpy(dtype=float)
        chosen = regret(matrix, f"on {cell.workload}, the best of {len(others)} settings against {default.label}")
        bound = math.log1p(self.margin)
        p = BothSides(
            p_for=two_sided(chosen.gain.p_above(bound)),
            # Against it: not one of the settings gains as much as the margin.
            p_against=max(pair.mean.p_below(bound) for pair in others.values()),
        )
        best = list(others)[chosen.best]
        words = f"on {cell.workload}, {best}, the best of {len(others)}, against {default.label}, cross-fitted"
        return outcome(chosen.gain, p, f"cross-fitted {metric.gain}", words, [cell])
