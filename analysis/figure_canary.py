"""The machine over the run: what the canary beside each launch got done, against the machine's own reference."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from analysis import style
from workloads.inventory import CanaryReference

_TITLE = "the machine over the run: the canary before and after each launch"
_ASIDE = "launch set aside"
_KEPT = "launch that counts"


def draw_canary(launches: pd.DataFrame, reference: CanaryReference) -> Figure:
    """Two panels over the run's minutes: speed of one CPU, and work of all CPUs together, both ÷ reference."""
    seen = launches.dropna(subset=["canary_one_before"])
    if seen.empty:
        return style.empty_figure(_TITLE, "no launch has a canary yet")
    quiet = reference.cpus * reference.one_s / reference.all_s
    figure, (speed, capacity) = plt.subplots(2, 1, figsize=(9, 4.2), sharex=True, layout="constrained")
    points = _points(seen)
    points["speed"] = reference.one_s / points["one"]
    points["share"] = points["capacity"] / quiet
    for panel, column, label in (
        (speed, "speed", "speed of one CPU\n÷ reference"),
        (capacity, "share", "work of all CPUs\n÷ reference"),
    ):
        # One path a group, whose markers an SVG file holds once: half a megabyte less than a path for each.
        for launch, colour, marker in ((_KEPT, style.BLUE, "o"), (_ASIDE, style.ORANGE, "x")):
            ours = points[points["launch"] == launch]
            panel.plot(ours["minute"], ours[column], linestyle="", marker=marker, color=colour, markersize=3)
        panel.axhline(1, color=style.BLACK, linewidth=0.8, zorder=1)
        panel.set(ylabel=label, ylim=(0, max(1.2, 1.05 * float(points[column].max()))))
    capacity.set_xlabel("minutes since the first launch")
    figure.suptitle(_TITLE, weight="bold")
    handles = [style.legend_handle(_KEPT, style.BLUE, "o"), style.legend_handle(_ASIDE, style.ORANGE, "x")]
    figure.legend(handles=handles, loc="outside lower center", ncols=2, frameon=False)
    return figure


def _points(launches: pd.DataFrame) -> pd.DataFrame:
    started = pd.to_datetime(launches["started_at"], utc=True, format="ISO8601", errors="coerce")
    minute = (started - started.min()).dt.total_seconds() / 60
    label = launches["set_aside"].map({True: _ASIDE, False: _KEPT})
    parts = [
        pd.DataFrame(
            {
                "minute": minute + (launches["wall_s"] / 60 if moment == "after" else 0.0),
                "one": launches[f"canary_one_{moment}"],
                # On fewer CPUs than the reference's the capacity says nothing.
                "capacity": launches[f"canary_capacity_{moment}"].where(
                    launches["observed_cpus"] == launches["observed_cpus"].max()
                ),
                "launch": label,
            }
        )
        for moment in ("before", "after")
    ]
    return pd.concat(parts, ignore_index=True).astype({"one": float, "capacity": float, "minute": float}).round(4)
