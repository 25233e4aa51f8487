"""The report's page in a real browser: alone, usable without a mouse, on narrow screens, by day and by night."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

# WCAG 2.2 on contrast: 4.5 for text; 3 for what is not text, such as the lines of a figure.
TEXT_CONTRAST, SHAPE_CONTRAST = 4.5, 3.0
NUMBERS_OF_COLUMN = """([heading, column]) => {
  const table = [...document.querySelectorAll("table")].find((one) => one.tHead.textContent.includes(heading));
  const at = [...table.tHead.rows[0].cells].findIndex((one) => one.textContent.trim() === column);
  return [...table.tBodies[0].rows].map((row) => row.cells[at].textContent);
}"""


def test_it_asks_for_nothing_and_complains_of_nothing(browser: Browser, report_page: Path) -> None:
    page = browser.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(report_page.as_uri(), wait_until="networkidle")
    page.close()
    assert asked == [report_page.as_uri()]
    assert said == []


def test_a_column_is_sorted_from_the_keyboard(page: Page) -> None:
    button = page.locator("th button", has_text="Speed-up").first
    head = button.locator("xpath=..")
    before = page.evaluate(NUMBERS_OF_COLUMN, ["Resolvable", "Speed-up"])
    button.focus()
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    rising = [float(text.rstrip("×")) for text in page.evaluate(NUMBERS_OF_COLUMN, ["Resolvable", "Speed-up"])]
    assert rising == sorted(rising)
    assert len(rising) == len(before) > 5
    page.keyboard.press("Space")
    assert head.get_attribute("aria-sort") == "descending"
    falling = [float(text.rstrip("×")) for text in page.evaluate(NUMBERS_OF_COLUMN, ["Resolvable", "Speed-up"])]
    assert falling == rising[::-1]
    assert page.evaluate("document.activeElement.textContent") == "Speed-up"


@pytest.mark.parametrize(
    ("written", "sorted_"),
    [
        (["2.00 s", "3.00 ms", "–", "40.0 µs"], ["40.0 µs", "3.00 ms", "2.00 s", "–"]),
        (
            ["12 min 05 s", "12 min 01 s", "3 h 05 min", "42.1 s"],
            ["42.1 s", "12 min 01 s", "12 min 05 s", "3 h 05 min"],
        ),
        (["0.143", "< 0.001", "1.00", "0.0200"], ["< 0.001", "0.0200", "0.143", "1.00"]),
        (["intra_op=10", "intra_op=2", "default"], ["default", "intra_op=2", "intra_op=10"]),
        (["> 100 times", "12.2 %", "9.00 %"], ["9.00 %", "12.2 %", "> 100 times"]),
    ],
)
def test_cells_are_sorted_by_what_they_mean(page: Page, written: list[str], sorted_: list[str]) -> None:
    """The cells of a table of the page are replaced, and its first column sorted by its button."""
    page.evaluate(
        """(texts) => {
          const body = [...document.querySelectorAll("table")].find((one) => one.querySelector("th button")).tBodies[0];
          const row = body.rows[0];
          body.replaceChildren(...texts.map((text) => {
            const copy = row.cloneNode(true);
            copy.cells[0].textContent = text;
            return copy;
          }));
        }""",
        written,
    )
    page.locator("th button").first.press("Enter")
    shown = page.locator("table", has=page.locator("th button")).first.locator("tbody tr td:first-child")
    assert shown.all_text_contents() == sorted_


def test_the_first_tab_offers_to_skip_the_contents(page: Page) -> None:
    page.keyboard.press("Tab")
    skip = page.locator(".skip")
    assert page.evaluate("document.activeElement.className") == "skip"
    box = skip.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert skip.evaluate("(element) => getComputedStyle(element).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "report"


def test_contents_lead_to_their_headings(page: Page) -> None:
    links = page.locator("nav a")
    assert links.count() > 10
    targets = [str(link.get_attribute("href")) for link in links.all()]
    assert page.evaluate("(ids) => ids.every((id) => document.querySelector(id) !== null)", targets)
    links.get_by_text("Method", exact=True).click()
    assert page.url.endswith("#method")
    page.wait_for_function("document.querySelector('#method').getBoundingClientRect().top < innerHeight")


def test_a_link_to_a_figure_in_a_closed_part_opens_it(page: Page) -> None:
    figure = page.locator("#figure-threads-run-order")
    assert not figure.is_visible()
    page.evaluate("location.hash = '#figure-threads-run-order'")
    figure.wait_for(state="visible")


@pytest.mark.parametrize("width", [360, 1400])
def test_nothing_is_wider_than_the_screen(page: Page, width: int) -> None:
    """What is wide scrolls in a box of its own, also when all that is folded is open."""
    page.set_viewport_size({"width": width, "height": 800})
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    outside = """() => [...document.querySelectorAll("main *")]
      .filter((one) => !one.closest(".table, .figure, pre") && one.getBoundingClientRect().right > innerWidth + 1)
      .map((one) => one.outerHTML.slice(0, 80))"""
    assert page.evaluate(outside) == []


def test_boxes_that_scroll_can_be_reached_by_keyboard(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 800})
    stuck = """() => [...document.querySelectorAll(".table, .figure, pre")]
      .filter((one) => one.scrollWidth > one.clientWidth && one.tabIndex < 0).length"""
    assert page.evaluate(stuck) == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_and_figures_stand_out_from_the_ground(page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    ground = colour(page, "body", "backgroundColor")
    assert (luminance(ground) < 0.1) == (scheme == "dark")
    for selector in ("main p", "main a", "nav summary", "main code", "td"):
        assert contrast(colour(page, selector, "color"), ground) >= TEXT_CONTRAST, selector
    assert contrast(colour(page, ".figure text", "color"), ground) >= TEXT_CONTRAST
    drawn = page.evaluate(
        """() => [...document.querySelectorAll(".figure [stroke], .figure [fill]")]
          .flatMap((one) => [getComputedStyle(one).stroke, getComputedStyle(one).fill])"""
    )
    strong = {
        entry for entry in drawn if entry.startswith("rgb") and contrast(channels(entry), ground) >= SHAPE_CONTRAST
    }
    assert len(strong) > 3


def colour(page: Page, selector: str, name: str) -> list[float]:
    """A computed colour of the first element."""
    script = "(element, name) => getComputedStyle(element)[name]"
    return channels(str(page.locator(selector).first.evaluate(script, name)))


def channels(colour: str) -> list[float]:
    """Red, green and blue, from 0 to 1."""
    return [float(number) / 255 for number in re.findall(r"[\d.]+", colour)[:3]]


def luminance(colour: list[float]) -> float:
    """Relative luminance, as WCAG defines it."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: list[float], second: list[float]) -> float:
    """The contrast ratio of two colours, from 1 to 21."""
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def test_headings_are_in_order_and_everything_has_a_name(page: Page) -> None:
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.title() == "Thread and environment settings on simulated-2c-000000"
    levels = page.evaluate("[...document.querySelectorAll('h1, h2, h3, h4')].map((one) => Number(one.tagName[1]))")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    nameless = """() => [...document.querySelectorAll("svg, .table, .figure, nav")]
      .filter((one) => !one.getAttribute("aria-label")).length"""
    assert page.evaluate(nameless) == 0
    assert page.evaluate("[...document.querySelectorAll('th')].filter((one) => !one.textContent.trim()).length") == 0
