"""Figures as SVG: small, with nothing that reaches beyond them, and drawn as matplotlib drew them."""

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


def test_it_is_smaller_and_keeps_every_text(figure):
    before = raw(figure)
    after = svg.slim(before, "one")
    assert len(after) < 0.6 * len(before)
    texts = [[element.text for element in ElementTree.fromstring(text).iter(f"{SVG}text")] for text in (before, after)]
    assert texts[0] == texts[1]
    assert "a < b & c" in texts[1]


def test_nothing_reaches_beyond_the_figure(figure):
    tags = {element.tag.removeprefix(SVG) for element in ElementTree.fromstring(svg.slim(raw(figure), "one")).iter()}
    assert tags == {"svg", "g", "path", "text", "use", "defs", "clipPath", "rect"}


def test_two_figures_share_no_id_and_every_reference_leads_to_one(figure):
    ids = []
    for name in ("one", "two"):
        root = ElementTree.fromstring(svg.slim(raw(figure), name))
        own = {element.attrib["id"] for element in root.iter() if "id" in element.attrib}
        used = {element.attrib["href"].removeprefix("#") for element in root.iter(f"{SVG}use")}
        used |= {element.attrib["clip-path"][5:-1] for element in root.iter() if "clip-path" in element.attrib}
        assert own == used
        ids.append(own)
    assert ids[0].isdisjoint(ids[1])


def test_ink_and_paper_follow_the_page(figure):
    text = svg.slim(raw(figure), "one")
    root = ElementTree.fromstring(text)
    assert root.attrib["color"] == svg.INK
    assert text.count(svg.INK) == 1
    assert svg.PAPER not in text
    assert {element.attrib["fill"] for element in root.iter(f"{SVG}text")} == {"currentColor"}
    papers = [element.tag.removeprefix(SVG) for element in root.iter() if element.get("class") == "paper"]
    assert papers == ["path", "g"]  # the ground, and the hollow markers


def test_what_is_black_stays_black():
    with style.figure_style():
        figure = plt.figure(figsize=(1, 1))
        figure.text(0.5, 0.5, "black", color="#000000")
        root = ElementTree.fromstring(svg.slim(raw(figure), "one"))
    assert [element.attrib["fill"] for element in root.iter(f"{SVG}text")] == ["#000000"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("M 57.6 307.584 \nL 57.6 41.4721 \n", "M57.6 307.58V41.47"),
        ("M 1 2 \nL 3 2 \nL 3.001 2.001 \nz \n", "M1 2H3h0z"),
        ("M 0 0 \nC 0.25 -0.0001 1 1 2 3 \nL 2 3 \n", "M0 0C0.25 0 1 1 2 3h0"),
        ("M 1 1 \nL 2 2 \nM 5 2 \nL 5 3 \n", "M1 1L2 2M5 2V3"),
    ],
)
def test_paths_are_written_short(before, after):
    text = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="1pt" height="1pt" viewBox="0 0 1 1"><path d="{before}"/></svg>'
    )
    text = text.replace("<path ", '<path style="fill: #123456" ')
    (path,) = ElementTree.fromstring(svg.slim(text, "one")).iter(f"{SVG}path")
    assert path.attrib["d"] == after


def test_dots_are_one_path_that_pixels_show_too(figure):
    panel = figure.axes[0]
    panel.set_xlim(0, 4)
    panel.set_ylim(0, 5)
    figure.canvas.draw()
    before = np.asarray(figure.canvas.buffer_rgba()).copy()
    paths = svg.slim(raw(figure), "one").count("<path")
    style.dots(panel, [0.5, 3.5], [0.5, 4.5], style.GREEN, 4)
    figure.canvas.draw()
    changed = (np.asarray(figure.canvas.buffer_rgba()) != before).any(axis=2)
    assert 2 * 8 < changed.sum() < 2 * 80
    after = svg.slim(raw(figure), "one")
    assert after.count("<path") == paths + 1
    assert len(re.findall(r'd="M[0-9. ]+(h0|H[0-9.]+)M[0-9. ]+(h0|H[0-9.]+)"', after)) == 1
