"""The page made of a report: one file, nothing from outside, nothing of the records' words taken for markup."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest

from analysis.report import page as html

FIGURE = """<svg xmlns="http://www.w3.org/2000/svg" width="9pt" height="9pt" viewBox="0 0 90 9">
<defs><clipPath id="{0}-clip"><path d="M0 0"/></clipPath><path id="{0}-dot" d="M0 0"/></defs>
<g clip-path="url(#{0}-clip)"><use href="#{0}-dot"/><text>n &lt; 2</text></g>
</svg>
"""
REPORT = """# A report on `this`

See [the figure](figures/one.svg), [the records](rounds/a) and [below](#part-b).

## Part `a`

![One & only](figures/one.svg)

![Two](figures/two.svg)

<details open>
<summary>2 rows</summary>

| Name | Time |
|---|---:|
| a | 1.00 ms |
| b | 2.00 s |

</details>

### Below

## Part b

## Part b
"""


class Elements(HTMLParser):
    """Every element's name and attributes, in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep one."""
        self.found.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of every element of a kind."""
        return [attributes for name, attributes in self.found if name == tag]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "figures").mkdir()
    for name in ("one", "two"):
        (tmp_path / f"figures/{name}.svg").write_text(FIGURE.format(name))
    return tmp_path


def test_a_page_needs_nothing_beside_it(folder: Path) -> None:
    page = html.page(REPORT, folder)
    assert not re.search(r"""(src|srcset|data)=|@import|url\((?!#)""", page)
    assert {entry["href"] for entry in Elements(page).all("a")} >= {"#figure-one", "rounds/a", "#part-b"}
    assert not Elements(page).all("link")


def test_the_policy_allows_the_page_s_own_script_and_no_other(folder: Path) -> None:
    page = html.page(REPORT, folder)
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    (policy,) = [entry["content"] for entry in Elements(page).all("meta") if "http-equiv" in entry]
    assert policy is not None
    assert policy.startswith("default-src 'none'; ")
    assert f"script-src 'sha256-{digest}';" in policy


def test_every_id_is_there_once_and_every_link_inside_the_page_leads_to_one(folder: Path) -> None:
    elements = Elements(html.page(REPORT, folder)).found
    ids = Counter(str(attributes["id"]) for _, attributes in elements if "id" in attributes)
    assert set(ids.values()) == {1}
    inside = {value[1:] for _, element in elements if (value := element.get("href") or "").startswith("#")}
    assert {"figure-one", "one-dot", "two-dot", "part-b", "part-b-1", "below"} <= inside
    assert inside <= set(ids)


def test_figures_stand_in_the_page_with_a_name_and_no_smaller_than_they_are_drawn(folder: Path) -> None:
    page = html.page(REPORT, folder)
    figures = Elements(page).all("svg")
    assert [figure["aria-label"] for figure in figures] == ["One & only", "Two"]
    assert {figure["width"] for figure in figures} == {"144"}
    assert {figure["style"] for figure in figures} == {"max-width:max(100%,90px)"}
    assert "<text>n &lt; 2</text>" in page


def test_a_figure_that_is_shown_twice_is_in_the_page_once(folder: Path) -> None:
    page = html.page("# T\n\n![a](figures/one.svg)\n\n![b](figures/one.svg)\n", folder)
    assert page.count("<svg") == 1
    assert '<a href="#figure-one">b</a>' in page


def test_contents_hold_the_headings_below_the_title_in_their_order(folder: Path) -> None:
    page = html.page(REPORT, folder)
    navigation = page[page.index("<nav") : page.index("</nav>")]
    words = re.findall(r'<a href="#([^"]+)">([^<]+)</a>', navigation)
    assert words == [("part-a", "Part a"), ("below", "Below"), ("part-b", "Part b"), ("part-b-1", "Part b")]


def test_tables_have_boxes_with_names_and_heads_with_a_scope(folder: Path) -> None:
    page = Elements(html.page(REPORT, folder))
    (box,) = [entry for entry in page.all("div") if entry.get("class") == "table"]
    assert box == {"class": "table", "role": "group", "tabindex": "0", "aria-label": "Table: Part a"}
    assert [entry["scope"] for entry in page.all("th")] == ["col", "col"]


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<details ontoggle=alert(1)>",
        "<summary><b onclick=x>a</b></summary>",
        "a <iframe src='http://there.example'></iframe> b",
        "![x](javascript:alert(1))",
        "[x](javascript:alert(1))",
        "<details>\n<style>* {display: none}</style>",
    ],
)
def test_markup_that_is_not_the_report_s_own_shows_as_text(folder: Path, hostile: str) -> None:
    plain, page = (Elements(html.page(text, folder)).found for text in ("# T\n\na\n", f"# T\n\n{hostile}\n"))
    allowed = {"p", "details", "summary"}
    counted = [Counter(tag for tag, _ in entry if tag not in allowed) for entry in (plain, page)]
    assert counted[0] == counted[1]
    assert not [name for _, attributes in page for name in attributes if name.startswith("on") or name == "src"]
    assert not [entry for _, entry in page if "javascript:" in (entry.get("href") or "")]


def test_the_same_report_gives_the_same_bytes(folder: Path) -> None:
    assert html.page(REPORT, folder) == html.page(REPORT, folder)


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("figures/none.svg", "none.svg is missing"),
        ("figures/broken.svg", "broken.svg is no figure"),
        ("../one.svg", "no SVG beside the report"),
        ("one.png", "no SVG beside the report"),
    ],
)
def test_a_figure_that_cannot_be_shown_is_named(
    folder: Path, capsys: pytest.CaptureFixture[str], source: str, says: str
) -> None:
    (folder / "figures/broken.svg").write_text("<svg")
    (folder / "report.md").write_text(f"# T\n\n![x]({source})\n")
    assert html.main(["--results", str(folder)]) == 2
    assert says in capsys.readouterr().err
    assert not (folder / "report.html").exists()


def test_a_report_that_is_not_there_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert html.main(["--results", str(folder)]) == 2
    assert "report.md is missing" in capsys.readouterr().err
