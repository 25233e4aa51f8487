"""Names in figures: short ones for the rows of a table of settings, and names beside points that do not overlap."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from analysis.figures import style
from analysis.wording import varied_knobs
from workloads.vocabulary.amounts import UNKNOWN
from workloads.vocabulary.record import Setting, written

_LETTERS = 22  # of a line of a row's name: half of a column
_HEADING_LETTERS = 20
_IN_HEADING = 2  # knobs whose names stand in the heading alone


@dataclass(frozen=True)
class RowNames:
    """Names of settings under one heading, broken into lines."""

    heading: str  # the knobs
    names: dict[str, str]  # setting id -> the knobs' values

    @property
    def in_one_line(self) -> dict[str, str]:
        """The names, each in one line; a word that was broken at an underscore is whole again."""
        return {id_: name.replace("_\n", "_").replace("\n", " ") for id_, name in self.names.items()}

    @property
    def lines(self) -> float:
        """How many lines of text all of them take below each other."""
        return self._heading_lines + self._name_lines * len(self.names)

    @property
    def top(self) -> float:
        """Where the heading stands, in lines from the top."""
        return self._heading_lines / 2

    @property
    def places(self) -> dict[str, float]:
        """Setting id -> where its row stands, in lines from the top."""
        return {id_: self._heading_lines + self._name_lines * (row + 0.5) for row, id_ in enumerate(self.names)}

    @property
    def _heading_lines(self) -> int:
        return self.heading.count("\n") + 1

    @property
    def _name_lines(self) -> int:
        return max(text.count("\n") + 1 for text in self.names.values())

    @property
    def width(self) -> float:
        """Inches that the widest takes."""
        texts = (self.heading, *self.names.values())
        return 0.068 * max(len(line) for text in texts for line in text.split("\n"))


def row_names(settings: Sequence[Setting]) -> RowNames:
    """The knobs that tell the settings apart, once, and their values for each setting.

    Of more than a pair of knobs, most are left at their defaults in each setting: there a setting names what it sets.
    """
    knobs = varied_knobs(settings)
    if len(knobs) > _IN_HEADING and all(knob in setting.resolved for setting in settings for knob in knobs):
        return RowNames("what is set", {setting.id: _named(setting, knobs) for setting in settings})
    return RowNames(
        _heading(knobs),
        {setting.id: textwrap.fill(_values(setting, knobs), _LETTERS) for setting in settings},
    )


def _named(setting: Setting, knobs: list[str]) -> str:
    """The setting by those of the knobs that it sets; what is longer than a line is broken at its underscores."""
    words = Setting(setting.id, {}, {knob: setting.resolved[knob] for knob in knobs}).label.split()
    parts = [word.replace("_", "_ ") if len(word) > _LETTERS else word for word in words]
    return textwrap.fill(" ".join(parts), _LETTERS).replace("_ ", "_")


def _heading(knobs: list[str]) -> str:
    """The knobs' names in short lines: one that is longer than a line is broken where its words are joined."""
    parts = [knob.replace("_", "_ ") if len(knob) >= _HEADING_LETTERS else knob for knob in knobs]
    return textwrap.fill(", ".join(parts), _HEADING_LETTERS).replace("_ ", "_")


def _values(setting: Setting, knobs: list[str]) -> str:
    return ", ".join(written(setting.resolved[knob]) if knob in setting.resolved else UNKNOWN for knob in knobs)


def name_points(panel: Axes, points: Sequence[tuple[float, float, str]], height: float) -> None:
    """Write the names of (x, y, name) in a column right of the panel, each with a thin line to its point.

    The axes' limits must be set; `height` is at most the panel's, in inches, and `height_for` tells the least.
    """
    to_share = panel.transData + panel.transAxes.inverted()
    shares = [float(to_share.transform((x, y))[1]) for x, y, _ in points]
    places = spread(shares, style.LINE / height)
    for (x, y, name), place in zip(points, places, strict=True):
        panel.annotate(
            name,
            xy=(x, y),
            xytext=(1.06, place),
            textcoords="axes fraction",
            va="center",
            size=style.SMALL,
            arrowprops={
                **{"arrowstyle": "-", "linewidth": 0.5, "color": style.PALE, "shrinkA": 1, "shrinkB": 2},
                "relpos": (0, 0.5),  # from the name's left end, not through other names
            },
        )


def height_for(names: int) -> float:
    """The least height, in inches, of a panel for so many names beside it."""
    return style.LINE * (names + 0.5)


def spread(shares: Sequence[float], apart: float) -> list[float]:
    """Places from 0 to 1 near `shares`, in their order, at least `apart` from each other, as far as there is room."""
    order = sorted(range(len(shares)), key=lambda index: shares[index])
    places = [0.0] * len(shares)
    lowest = apart / 2
    for index in order:
        places[index] = lowest = max(lowest, shares[index])
        lowest += apart
    highest = 1 - apart / 2
    for index in reversed(order):
        places[index] = highest = min(highest, places[index])
        highest -= apart
    return places
