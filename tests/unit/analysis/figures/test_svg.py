"""Figures as SVG: with nothing that reaches beyond them, and drawn as matplotlib drew them."""

import io
import re
from xml.etree import ElementTree

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

from analysis.figures import style, svg

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def figure():
    with style.figure_style():
        drawn, panel = plt.subplots(figsize=(3, 2))
        panel.plot([1, 2, 3], [1, 4, 2], "o--", color=style.BLUE, mfc=style.PAPER)
        panel.plot([1, 2], [2, 2], color=style.INK)
        panel.text(2, 3, "a < b & c", size=style.SMALL, rotation=90)
        yield drawn


def raw(figure: Figure) -> str:
    stream = io.StringIO()
    figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    return stream.getvalue()


def test_every_text_is_kept_and_nothing_is_added(figure):
    before = raw(figure)
    after = svg.for_page(before, "one")
    assert len(after) < len(before)
    assert after.count(style.BLUE) == before.count(style.BLUE) > 0
    texts = [[element.text for element in ElementTree.fromstring(text).iter(f"{SVG}text")] for text in (before, after)]
    assert texts[0] == texts[1]
    assert "a < b & c" in texts[1]


def test_nothing_reaches_beyond_the_figure(figure):
    tags = {
        element.tag.removeprefix(SVG) for element in ElementTree.fromstring(svg.for_page(raw(figure), "one")).iter()
    }
    assert tags == {"svg", "g", "path", "text", "use", "defs", "clipPath", "rect"}


def test_two_figures_share_no_id_and_every_reference_leads_to_one(figure):
    ids = []
    for name in ("one", "two"):
        root = ElementTree.fromstring(svg.for_page(raw(figure), name))
        own = {element.attrib["id"] for element in root.iter() if "id" in element.attrib}
        used = {element.attrib["href"].removeprefix("#") for element in root.iter(f"{SVG}use")}
        used |= {element.attrib["clip-path"][5:-1] for element in root.iter() if "clip-path" in element.attrib}
        assert own == used
        ids.append(own)
    assert ids[0].isdisjoint(ids[1])


def test_ink_and_paper_follow_the_page(figure):
    text = svg.for_page(raw(figure), "one")
    root = ElementTree.fromstring(text)
    assert root.attrib["color"] == svg.INK
    assert text.count(svg.INK) == 1
    assert svg.PAPER not in text
    assert {element.attrib["fill"] for element in root.iter(f"{SVG}text")} == {"currentColor"}
    papers = [element for element in root.iter() if element.get("class") == "paper"]
    assert [element.tag.removeprefix(SVG) for element in papers] == ["path", *["use"] * 3]  # the ground, hollow markers
    assert all("style" not in element.attrib for element in root.iter()), "a page's style sheet could not overrule it"


def test_what_is_black_stays_black():
    with style.figure_style():
        figure = plt.figure(figsize=(1, 1))
        figure.text(0.5, 0.5, "black", color="#000000")
        root = ElementTree.fromstring(svg.for_page(raw(figure), "one"))
    # Black is what SVG fills with where nothing is said.
    assert not [element for element in root.iter() if element.tag != f"{SVG}path" and "fill" in element.attrib]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("M 57.6 307.584 \nL 57.6 41.4721 \n", "M57.6 307.58L57.6 41.47"),
        ("M 0 0 \nC 0.25 -0.0001 1 1 2 3 \n", "M0 0C0.25 0 1 1 2 3"),
        ("M 1 2 \nL 1.001 2.001 \nM 5 2 \nL 5 2 \n", "M1 2h0M5 2h0"),
        ("M 1.5e-05 2 \nL 3 2.125e-05 \n", "M0 2L3 0"),
    ],
)
def test_places_are_written_to_a_hundredth_of_a_point(before, after):
    text = f'<svg xmlns="http://www.w3.org/2000/svg"><path d="{before}"/></svg>'
    (path,) = ElementTree.fromstring(svg.for_page(text, "one")).iter(f"{SVG}path")
    assert path.attrib["d"] == after


def test_dots_are_one_path_that_pixels_show_too(figure):
    panel = figure.axes[0]
    panel.set_xlim(0, 4)
    panel.set_ylim(0, 5)
    figure.canvas.draw()
    before = np.asarray(figure.canvas.buffer_rgba()).copy()
    paths = svg.for_page(raw(figure), "one").count("<path")
    style.dots(panel, [0.5, 3.5], [0.5, 4.5], style.GREEN, 4)
    figure.canvas.draw()
    changed = (np.asarray(figure.canvas.buffer_rgba()) != before).any(axis=2)
    assert 2 * 8 < changed.sum() < 2 * 80
    after = svg.for_page(raw(figure), "one")
    assert after.count("<path") == paths + 1
    assert len(re.findall(r'd="(M[0-9.]+ [0-9.]+(h0|L[0-9.]+ [0-9.]+)){2}"', after)) == 1
