"""LaTeX tables: as many cells in each row as columns, and no sign that LaTeX would take for its own."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from analysis.claims.verdict import ClaimVerdict, JudgedClaim
from analysis.comparisons.comparison import Comparison
from analysis.comparisons.verdict import Verdict
from analysis.export import latex
from analysis.recommendations.recommendation_row import RecommendationRow

HOSTILE = r"50% of_a & {b} #1 $x$ ~y^z \end{tabular} <|> [1ex]"
COMPARISON = Comparison(
    *("s_1", "w&1", "d", "a", "intra_op=1 env:X=50%", "b", "intra_op=default"),
    rounds=5,
    pairs=4,
    missing=1,
    verdict=Verdict.UNRESOLVED,
    ratio=1.0333,
    low=0.9,
    high=1.2,
    p_adjusted=0.0001,
    resolvable=1.043,
    call_s=12e-6,
)
VERDICT = JudgedClaim(
    *(
        "id",
        HOSTILE,
        "G1",
        "A_title",
        ClaimVerdict.SUPPORTED,
        ("ratio",),
        "found",
        "",
        "refuted",
        ("s/w",),
        ("rounds/s/w@d",),
    ),
    effect=1.756,
    low=1.6,
    high=1.9,
)
RECOMMENDED = RecommendationRow(
    *("s", "w", "d", "a", "intra_op=default", True, 1.0, None, None, 1.06),
    *("intra_op=1 inter_op=2", 1.06, 0.88, 1.27, 5, 5, "", False, "words", "recommended/s-w.env", "rounds/s/w@d"),
)


def rows(text: str) -> list[list[str]]:
    """The rows with their cells: the last head first."""
    body = text[text.rindex(r"\toprule") :]
    lines = [line for line in body.splitlines() if line.endswith(r" \\") and not line.startswith(r"\multicolumn")]
    return [re.split(r"(?<!\\) & ", line.removesuffix(r" \\")) for line in lines]


def columns(text: str) -> int:
    (kinds,) = re.findall(r"^\\begin\{(?:tabular|longtable)\}\{(.*)\}$", text, re.MULTILINE)
    return len(re.findall(r"[lcr]|p\{[^}]*\}", kinds))


TABLES = {
    "claims": latex.claims([VERDICT, replace(VERDICT, effect=None, low=None, high=None)]),
    "comparisons": latex.comparisons([COMPARISON, replace(COMPARISON, ratio=None, low=None, resolvable=None)]),
    "recommendations": latex.recommendations([RECOMMENDED, replace(RECOMMENDED, stays=False, rival="")]),
}


@pytest.mark.parametrize("name", TABLES)
def test_every_row_has_a_cell_for_each_column(name: str) -> None:
    text = TABLES[name]
    assert len(rows(text)) == 3
    assert {len(row) for row in rows(text)} == {columns(text)}


@pytest.mark.parametrize("name", TABLES)
def test_environments_and_rules_are_booktabs_and_closed(name: str) -> None:
    text = TABLES[name]
    begun, ended = (re.findall(rf"^\\{word}\{{(\w+)\}}", text, re.MULTILINE) for word in ("begin", "end"))
    assert begun == ended
    heads = 2 if "longtable" in text else 1
    assert [text.count(rule) for rule in (r"\toprule", r"\bottomrule")] == [heads, 1]
    assert r"\hline" not in text
    assert r"\usepackage{booktabs}" in text.splitlines()[1]


@pytest.mark.parametrize("name", TABLES)
def test_braces_balance_and_no_sign_is_left_that_latex_takes_for_its_own(name: str) -> None:
    body = "\n".join(" ".join(row) for row in rows(TABLES[name]))
    bare = re.sub(
        r"\\(?:(?:textbackslash|textasciitilde|textasciicircum) |(?:textless|textgreater|textbar|textmu)\{\})", "", body
    )
    bare = re.sub(r"\\[{}$&#_%]|\$\\times\$|\\texttt", "", bare)
    assert bare.count("{") == bare.count("}")
    assert not re.search(r"[\\$&#_%~^<>|]", bare)
    assert body.isascii()


@pytest.mark.parametrize(
    ("words", "cell"),
    [
        (r"a_b 5% \x ~^ {c}", r"a\_b 5\% \textbackslash x \textasciitilde \textasciicircum \space \{c\}"),
        ("1.2× 3 µs – 2", r"1.2$\times$ 3 \textmu{}s -- 2"),
        ("[1ex]", "{[}1ex]"),
        ("a\n b", "a b"),
    ],
)
def test_signs_are_written_so_that_they_show_as_they_are(words: str, cell: str) -> None:
    assert rows(latex.table([{"A": words}], {"A": "l"}, "a note"))[1] == [cell]


def test_numbers_read_as_in_the_report() -> None:
    (_, row, unknown) = rows(TABLES["comparisons"])
    assert row == [
        *(r"s\_1", r"w\&1", r"\texttt{intra\_op=1 env:X=50\%}", r"12.0 \textmu{}s", r"1.03$\times$", "0.900 to 1.20"),
        *(r"\textless{} 0.001", "no difference resolved", r"4.30 \%", "4"),
    ]
    assert unknown[4] == unknown[5] == unknown[8] == "--"


def test_the_best_of_the_others_stands_beside_defaults_that_stay() -> None:
    (_, stays, changes) = rows(TABLES["recommendations"])
    assert stays[2:] == [
        "the defaults",
        r"1.00$\times$",
        "--",
        r"\texttt{intra\_op=1 inter\_op=2}",
        r"1.06$\times$",
        "0.880 to 1.27",
    ]
    assert changes[2] == r"\texttt{intra\_op=default}"
    assert changes[5] == "--"
