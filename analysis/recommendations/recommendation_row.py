"""What is recommended for a cell: one row of the table of recommendations."""

from dataclasses import dataclass
from typing import Annotated

from analysis.tables.columns import Definition, Directory, Label, SettingId, SweepName, Told, WorkloadName
from analysis.tables.tables import RowTable


@dataclass(frozen=True)
class RecommendationRow:
    """What to run a cell's workload with; numbers are None where they cannot be said."""

    sweep: SweepName
    workload: WorkloadName
    definition: Definition
    setting: SettingId
    label: Label
    stays: Annotated[bool, Told("whether TensorFlow's defaults are recommended, and no other setting")]
    gain: Annotated[float | None, Told("speed over the defaults', on rounds that had no part in the choice", "1")]
    low: Annotated[float | None, Told("lower bound of its 95 % interval", "1")]
    high: Annotated[float | None, Told("upper bound", "1")]
    regret: Annotated[
        float | None, Told("the best measured setting's speed, luck included, over the recommended one's", "1")
    ]
    rival: Annotated[str, Told("where the defaults stay: the best of the others, if it is faster on average")]
    rival_gain: Annotated[float | None, Told("its gain, as above", "1")]
    rival_low: Annotated[float | None, Told("lower bound of its 95 % interval", "1")]
    rival_high: Annotated[float | None, Told("upper bound", "1")]
    rounds: Annotated[int, Told("rounds in which every setting counts", "1")]
    rounds_planned: Annotated[int, Told("rounds as planned", "1")]
    bounds: Annotated[str, Told("what the setting has to hold; empty: the fastest is asked for")]
    none_holds: Annotated[bool, Told("whether no setting is known to hold the bounds, so that none is recommended")]
    words: Annotated[str, Told("the reason")]
    file: Annotated[str, Told("environment variables for `docker run --env-file`, below the machine's folder")]
    directory: Directory

    @property
    def run_with(self) -> str:
        """What is recommended: a setting's label, the defaults, or nothing."""
        if self.none_holds:
            return "none"
        return "the defaults" if self.stays else self.label


RECOMMENDATIONS = RowTable("recommendations", RecommendationRow, "analysis.recommendations.recommend")
