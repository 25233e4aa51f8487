"""The data of the roofline: the machine's measured peaks, and how far below them each workload's settings are.

The peaks are two launches like any other, in peaks.jsonl: a large float32 matrix product and the means of a matrix that
no cache holds, on all CPUs with TensorFlow's defaults. A peak is the fastest sample of any of them, disturbed ones
included: the most that was seen. It is a peak of this software on this machine, not the vendor's, and a workload may
be above it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from analysis.figures.conditions import params
from analysis.figures.intensity import intensity
from workloads.vocabulary.knobs import trading_exactness
from workloads.vocabulary.plan import Cell, Plan
from workloads.vocabulary.record import Record, Setting, Status


@dataclass(frozen=True)
class Peaks:
    """The most that was seen, and in which image."""

    flops: float  # FLOP a second
    bandwidth: float  # bytes a second
    image: str
    disturbed: bool = False  # whether the canary set aside every launch for one of them: it may be higher

    def roof(self, intensity: float) -> float:
        """The most FLOP a second at so many FLOP a byte."""
        return min(self.flops, intensity * self.bandwidth)


@dataclass(frozen=True)
class Standing:
    """A workload under the roof: FLOP a second in its slowest and its fastest setting."""

    workload: str
    intensity: float  # FLOP a byte
    slowest: float
    fastest: float


def peaks(records: Sequence[Record]) -> Peaks | str:
    """The peaks by the records of peaks.jsonl, or why they are not known."""
    if not records:
        return "this run did not measure the machine's peaks"
    best: dict[str, float] = {}
    quiet: set[str] = set()
    for record in records:
        if record.measurement is not None and record.failure is None:
            work = record.measurement.work
            best[work.unit] = max(best.get(work.unit, 0.0), work.amount / min(record.measurement.samples))
            quiet |= set() if record.is_set_aside else {work.unit}
    if best.keys() >= {"FLOP", "byte"}:
        return Peaks(best["FLOP"], best["byte"], records[0].image.name, disturbed=quiet != best.keys())
    failed = [f"{record.workload}: {record.failure.message}" for record in records if record.failure is not None]
    return f"the launches that measure the peaks failed ({'; '.join(failed) or 'some are missing'})"


def full_precision(cell: Cell, setting: Setting) -> bool:
    """Whether a setting computes in float32 throughout, as the peak does."""
    values = cell.fixed | params(cell, setting) | setting.resolved
    return all(values.get(name) in (None, *knob.exact) for name, knob in trading_exactness().items())


def standings(plan: Plan, launches: pd.DataFrame, image: str) -> list[Standing]:
    """Each workload of known intensity, by its settings in float32 in this image; the lowest intensity first.

    A setting stands at the median of its launches that count. A workload whose parameters are swept, so that its
    intensity differs, stands in several places.
    """
    valid = launches[
        (launches["status"] == Status.OK) & ~launches["set_aside"].astype(bool) & (launches["image"] == image)
    ]
    settings = dict(list(valid.groupby(["sweep", "workload", "definition", "setting"])))
    reached: dict[tuple[str, float], list[float]] = {}
    for cell in plan.cells:
        for setting in cell.settings:
            own = settings.get((cell.sweep, cell.workload, cell.definition, setting.id))
            if own is None or not full_precision(cell, setting):
                continue
            unit = str(own["work_unit"].iloc[0])
            at = intensity(cell.module, params(cell, setting), float(own["work_amount"].iloc[0]), unit)
            if at is not None:
                rate = float(own["throughput"].median()) * (1 if unit == "FLOP" else at)
                reached.setdefault((cell.workload, round(at, 6)), []).append(rate)
    standings = [Standing(workload, at, min(rates), max(rates)) for (workload, at), rates in reached.items()]
    return sorted(standings, key=lambda standing: (standing.intensity, standing.workload))
