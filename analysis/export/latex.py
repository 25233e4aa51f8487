r"""The tables of a paper's appendix, in LaTeX with booktabs: claims, comparisons and recommendations.

Each file of tables/ holds one table to \input: `tabular` for what fits a page, `longtable` for what may not. pandas'
Styler writes them. What is not known is an en dash. `python -m analysis.export.twins` makes the files.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from analysis.claims.verdict import CLAIMS, JudgedClaim
from analysis.comparisons.comparison import COMPARISONS, Comparison, of_first_metric
from analysis.recommendations.recommendation_row import RECOMMENDATIONS, RecommendationRow
from analysis.wording import call_time, difference, interval, p_value, ratio
from workloads.vocabulary.amounts import UNKNOWN, count
from workloads.vocabulary.documents import write_text

# What Styler's escaping leaves as it is, and LaTeX's own fonts or the end of a row do not.
_SIGNS = str.maketrans(
    {
        "[": "{[}",  # after a row's end it would be a length
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "|": r"\textbar{}",
        "\N{MULTIPLICATION SIGN}": r"$\times$",
        "\N{MICRO SIGN}": r"\textmu{}",
        "\N{EN DASH}": "--",
        "\N{MINUS SIGN}": "$-$",
    }
)

_DEFAULTS = "the defaults"
_NO_SETTING = ("", UNKNOWN, "none", _DEFAULTS)

PARAGRAPH = r"p{0.5\linewidth}"
NARROW = r"p{0.27\linewidth}"


def table(
    rows: Sequence[Mapping[str, str]],
    kinds: Mapping[str, str],
    note: str,
    *,
    code: Sequence[str] = (),
    environment: str | None = None,
) -> str:
    r"""A table of plain words. `kinds`: heading -> LaTeX's letter for how its column stands; `note`: a comment.

    Columns in `code` are set in typewriter letters. `environment` "longtable": over as many pages as it takes.
    """
    frame = pd.DataFrame(list(rows), columns=list(kinds)).map(lambda words: " ".join(words.split()))
    styler = frame.style.hide(axis="index").format(_shown, escape="latex")
    styler = styler.format(_typewriter, subset=list(code), escape="latex").format_index(escape="latex", axis=1)
    body = styler.to_latex(hrules=True, column_format="".join(kinds.values()), environment=environment)
    packages = " and ".join(rf"\usepackage{{{name}}}" for name in ("booktabs", environment) if name)
    return f"% {' '.join(note.split())}\n% It needs {packages}.\n{body}"


def _shown(words: object) -> str:
    return str(words).translate(_SIGNS)


def _typewriter(words: object) -> str:
    return _shown(words) if words in _NO_SETTING else rf"\texttt{{{_shown(words)}}}"


def claims(judged: Sequence[JudgedClaim]) -> str:
    """A row for each claim."""
    kinds = {"Claim": PARAGRAPH, "Source": "l", "Verdict": "l", "Effect": "r", "95 % interval": "l"}
    rows = [
        {
            "Claim": claim.sentence,
            "Source": claim.source,
            "Verdict": claim.verdict.value,
            "Effect": ratio(claim.effect),
            "95 % interval": interval(claim.low, claim.high),
        }
        for claim in judged
    ]
    sources = "; ".join(dict.fromkeys(f"{claim.source}: {claim.title}" for claim in judged))
    return table(rows, kinds, f"Verdicts on claims. {sources}.")


def comparisons(compared: Sequence[Comparison]) -> str:
    """A row for each setting that was held against its baseline."""
    kinds = {"Sweep": "l", "Workload": "l", "Setting": NARROW, "Time": "r", "Speed-up": "r", "95 % interval": "l"}
    kinds |= {"Adjusted p": "r", "Verdict": "l", "Resolvable": "r", "Rounds": "r"}
    rows = [
        {
            "Sweep": comparison.sweep,
            "Workload": comparison.workload,
            "Setting": comparison.label,
            "Time": call_time(comparison.call_s),
            "Speed-up": ratio(comparison.ratio),
            "95 % interval": interval(comparison.low, comparison.high),
            "Adjusted p": p_value(comparison.p_adjusted),
            "Verdict": comparison.verdict.value,
            "Resolvable": difference(comparison.resolvable),
            "Rounds": str(comparison.pairs),
        }
        for comparison in compared
    ]
    note = f"{count(len(compared), 'comparison')} of settings with their baselines."
    return table(rows, kinds, note, code=["Setting"], environment="longtable")


def recommendations(recommended: Sequence[RecommendationRow]) -> str:
    """A row for each workload of a sweep whose baseline is TensorFlow's defaults."""
    kinds = {"Workload": "l", "Sweep": "l", "Run it with": "l", "Gain": "r", "95 % interval": "l"}
    kinds |= {"Best of the others": "l", "Its gain": "r", "Its 95 % interval": "l"}
    rows = [
        {
            "Workload": recommendation.workload,
            "Sweep": recommendation.sweep,
            "Run it with": recommendation.run_with,
            "Gain": ratio(recommendation.gain),
            "95 % interval": interval(recommendation.low, recommendation.high),
            "Best of the others": recommendation.rival or UNKNOWN,
            "Its gain": ratio(recommendation.rival_gain),
            "Its 95 % interval": interval(recommendation.rival_low, recommendation.rival_high),
        }
        for recommendation in recommended
    ]
    note = "What to run each workload with, and the gain over TensorFlow's defaults."
    return table(rows, kinds, note, code=["Run it with", "Best of the others"])


def write(root: Path) -> None:
    """Make the three files of the machine's folder `root`. Raises AnalysisError."""
    made = {
        "claims": claims(CLAIMS.read(root)),
        "comparisons": comparisons(of_first_metric(COMPARISONS.read(root))),
        "recommendations": recommendations(RECOMMENDATIONS.read(root)),
    }
    for name, text in made.items():
        write_text(root / f"tables/{name}.tex", text)
