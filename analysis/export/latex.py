r"""The tables of a paper's appendix, in LaTeX with booktabs: claims, comparisons and recommendations.

Each file of tables/ holds one table environment to \input: `tabular` for what fits a page, `longtable` for what may
not. What is not known is an en dash. `python -m analysis.export.twins` writes them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis.claims.verdict import CLAIMS, JudgedClaim
from analysis.comparisons.comparison import COMPARISONS, Comparison
from analysis.recommendations.recommended import RECOMMENDATIONS, Recommended
from analysis.wording import call_time, difference, interval, p_value, ratio
from workloads.vocabulary.amounts import count
from workloads.vocabulary.documents import write_text

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "[": "{[}",  # after a row's end it would be a length
    "#": r"\#",
    "_": r"\_",
    "%": r"\%",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "\N{MULTIPLICATION SIGN}": r"$\times$",
    "\N{MICRO SIGN}": r"\textmu{}",
    "\N{EN DASH}": "--",
    "\N{MINUS SIGN}": "$-$",
}
_EACH = re.compile("|".join(re.escape(sign) for sign in _SPECIAL))


@dataclass(frozen=True)
class Column:
    """A column: its head as plain words, and LaTeX's letter for how it stands."""

    head: str
    kind: str = "l"


def escape(words: str) -> str:
    """Plain words for LaTeX, on one line; every sign shows as it is."""
    return _EACH.sub(lambda sign: _SPECIAL[sign[0]], " ".join(words.split()))


def code(words: str) -> str:
    """A setting or a name, in typewriter letters, which may break after a space."""
    return rf"\texttt{{{escape(words)}}}" if words else ""


def tabular(columns: Sequence[Column], rows: Sequence[Sequence[str]], note: str) -> str:
    """A table that stands on one page. Cells are LaTeX already; `note` is a comment in the file."""
    return "\n".join(
        [
            *_comment(note, "booktabs"),
            rf"\begin{{tabular}}{{{_kinds(columns)}}}",
            *_head(columns),
            *(_row(row) for row in rows),
            r"\bottomrule",
            r"\end{tabular}",
            "",
        ]
    )


def longtable(columns: Sequence[Column], rows: Sequence[Sequence[str]], note: str) -> str:
    """As `tabular`, for a table that may run over pages, with its head on each of them."""
    return "\n".join(
        [
            *_comment(note, "booktabs", "longtable"),
            rf"\begin{{longtable}}{{{_kinds(columns)}}}",
            *_head(columns),
            r"\endhead",
            r"\bottomrule",
            r"\endfoot",
            *(_row(row) for row in rows),
            r"\end{longtable}",
            "",
        ]
    )


def _comment(note: str, *packages: str) -> list[str]:
    needs = " and ".join(rf"\usepackage{{{package}}}" for package in packages)
    return [f"% {' '.join(note.split())}", f"% It needs {needs}."]


def _kinds(columns: Sequence[Column]) -> str:
    return "".join(column.kind for column in columns)


def _head(columns: Sequence[Column]) -> list[str]:
    return [r"\toprule", _row([escape(column.head) for column in columns]), r"\midrule"]


def _row(cells: Sequence[str]) -> str:
    return " & ".join(cells) + r" \\"


def claims(verdicts: Sequence[JudgedClaim]) -> str:
    """A row for each claim."""
    columns = [Column("Claim", r"p{0.5\linewidth}"), Column("Source"), Column("Verdict")]
    columns += [Column("Effect", "r"), Column("95 % interval")]
    rows = [
        [
            *(escape(words) for words in (one.sentence, one.source, one.verdict)),
            *(escape(words) for words in (ratio(one.effect), interval(one.low, one.high))),
        ]
        for one in verdicts
    ]
    sources = "; ".join(dict.fromkeys(f"{one.source}: {one.title}" for one in verdicts))
    return tabular(columns, rows, f"Verdicts on claims. {sources}.")


def comparisons(found: Sequence[Comparison]) -> str:
    """A row for each setting that was held against its baseline."""
    columns = [Column("Sweep"), Column("Workload"), Column("Setting", r"p{0.27\linewidth}"), Column("Time", "r")]
    columns += [Column("Speed-up", "r"), Column("95 % interval"), Column("Adjusted p", "r"), Column("Verdict")]
    columns += [Column("Resolvable", "r"), Column("Rounds", "r")]
    rows = [
        [
            *(escape(words) for words in (one.sweep, one.workload)),
            code(one.label),
            *(escape(words) for words in (call_time(one.median_s), ratio(one.speedup), interval(one.low, one.high))),
            *(escape(words) for words in (p_value(one.p_adjusted), one.verdict, difference(one.resolvable))),
            str(one.pairs),
        ]
        for one in found
    ]
    return longtable(columns, rows, f"{count(len(found), 'comparison')} of settings with their baselines.")


def recommendations(found: Sequence[Recommended]) -> str:
    """A row for each workload of a sweep whose baseline is TensorFlow's defaults."""
    columns = [Column("Workload"), Column("Sweep"), Column("Run it with"), Column("Gain", "r")]
    columns += [Column("95 % interval"), Column("Best of the others")]
    rows = [
        [
            *(escape(words) for words in (one.workload, one.sweep)),
            "the defaults" if one.stays else code(one.label),
            *(escape(words) for words in (ratio(one.gain), interval(one.low, one.high))),
            _rival(one),
        ]
        for one in found
    ]
    return tabular(columns, rows, "What to run each workload with, and the gain over TensorFlow's defaults.")


def _rival(one: Recommended) -> str:
    if not one.rival:
        return escape("\N{EN DASH}")
    gain = f"{ratio(one.rival_gain)} ({interval(one.rival_low, one.rival_high)})"
    return f"{code(one.rival)}: {escape(gain)}"


def write(root: Path) -> None:
    """Make the three files of the machine's folder `root`. Raises AnalysisError."""
    made = {
        "claims": claims(CLAIMS.read(root)),
        "comparisons": comparisons(COMPARISONS.read(root)),
        "recommendations": recommendations(RECOMMENDATIONS.read(root)),
    }
    for name, text in made.items():
        write_text(root / f"tables/{name}.tex", text)
