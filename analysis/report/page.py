"""A report in Markdown, with its details, to one HTML page beside it that needs no network and no other file.

Its figures stand in the page, its tables can be sorted, and its links to records work where it lies in its run's
folder. Of the Markdown's own HTML only <details> and <summary> are let through; anything else shows as text.

    python -m analysis.report.page --results results/MACHINE
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jinja2
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from workloads.vocabulary.command_line import stage
from workloads.vocabulary.documents import write_text
from workloads.vocabulary.errors import AnalysisError

_TEMPLATES = Path(__file__).parent / "templates"
_OURS = re.compile(r"</?details>|<details open>|<summary>[^<]*</summary>")
# The page holds both, one after the other.
_PART = re.compile(r"(?:report|details)\.md(#.+)?")
_FIGURE = re.compile(r"figures/([\w.-]+)\.svg")
_SVG = "http://www.w3.org/2000/svg"
# Figures are drawn for a printed column, with letters of 8 units: a screen takes more, and never less than that.
_PIXELS = 1.6


@dataclass
class Heading:
    """A heading, with what stands below it in the contents."""

    id: str
    words: str
    below: list[Heading]


def slug(words: str, taken: set[str]) -> str:
    """The id of a heading, made as the common viewers of Markdown make it; unique among `taken`, which grows."""
    stem = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
    number, id_ = 0, stem
    while id_ in taken:
        number += 1
        id_ = f"{stem}-{number}"
    taken.add(id_)
    return id_


def page(text: str, folder: Path) -> str:
    """The page of a report (Markdown) whose figures lie below `folder`. Raises AnalysisError."""
    parser = MarkdownIt("commonmark", {"html": True}).enable("table")
    _install(parser, _Figures(folder))
    tokens = parser.parse(text)
    contents = _name_headings(tokens)
    title = next((_plain(tokens[at + 1]) for at, token in enumerate(tokens) if token.tag == "h1"), "Report")
    _label_tables(tokens)
    style, script = ((_TEMPLATES / name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    return (
        jinja2.Environment(
            loader=jinja2.FileSystemLoader(_TEMPLATES),
            undefined=jinja2.StrictUndefined,
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        .get_template("page.html.j2")
        .render(
            title=title,
            contents=contents,
            body=parser.renderer.render(tokens, parser.options, {}),
            style=style,
            script=script,
            script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        )
    )


class _Figures:
    """Puts each figure into the page the first time that it is shown, and links to it from there on."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._shown: set[str] = set()

    def show(self, source: str, alt: str) -> str:
        """The figure as HTML that may stand in a paragraph."""
        path, stem = self._folder / source, html.escape(Path(source).stem)
        if path.suffix != ".svg" or not path.resolve().is_relative_to(self._folder.resolve()):
            raise AnalysisError(f"{source} is no SVG beside the report; a page holds only such figures")
        if source in self._shown:
            return f'<a href="#figure-{stem}">{html.escape(alt)}</a>'
        self._shown.add(source)
        figure = _drawn(path, alt)
        label = html.escape(f"Figure: {alt}")
        return f'<span class="figure" id="figure-{stem}" role="group" tabindex="0" aria-label="{label}">{figure}</span>'


def _drawn(path: Path, title: str) -> str:
    """A figure of analysis.figures.svg as an element that a screen reader calls `title`. Raises AnalysisError."""
    try:
        root = ElementTree.parse(path).getroot()
        units = float(root.attrib["viewBox"].split()[2])
    except FileNotFoundError:
        raise AnalysisError(f"{path} is missing", "run `snakemake --cores 1` to draw it") from None
    except (ElementTree.ParseError, KeyError, ValueError, IndexError) as error:
        raise AnalysisError(f"{path} is no figure ({error})", "remove it and run `snakemake --cores 1`") from None
    root.attrib.pop("height", None)
    root.set("width", f"{_PIXELS * units:.0f}")
    root.set("style", f"max-width:max(100%,{units:.0f}px)")
    root.set("role", "img")
    root.set("aria-label", title)
    ElementTree.register_namespace("", _SVG)
    return ElementTree.tostring(root, encoding="unicode").strip()


def _install(parser: MarkdownIt, figures: _Figures) -> None:
    def image(self: RendererHTML, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        token = tokens[at]
        return figures.show(str(token.attrs["src"]), self.renderInlineAsText(token.children, options, env))

    def link(self: RendererHTML, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        token = tokens[at]
        target = str(token.attrs["href"])
        if figure := _FIGURE.fullmatch(target):
            token.attrSet("href", f"#figure-{figure[1]}")
        elif part := _PART.fullmatch(target):
            token.attrSet("href", part[1] or "#report")
        return self.renderToken(tokens, at, options, env)

    def raw(self: RendererHTML, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        content = tokens[at].content
        is_own = all(_OURS.fullmatch(line.strip()) for line in content.splitlines() if line.strip())
        return content if is_own else html.escape(content)

    def table_open(self: RendererHTML, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        label = html.escape(str(tokens[at].meta.get("label", "Table")))
        return f'<div class="table" role="group" tabindex="0" aria-label="{label}"><table>\n'

    def table_close(self: RendererHTML, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        return "</table></div>\n"

    def fence(self: RendererHTML, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        return f'<pre tabindex="0"><code>{html.escape(tokens[at].content)}</code></pre>\n'

    def th_open(self: RendererHTML, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        tokens[at].attrSet("scope", "col")
        return self.renderToken(tokens, at, options, env)

    for name, rule in (
        ("image", image),
        ("link_open", link),
        ("html_block", raw),
        ("html_inline", raw),
        ("table_open", table_open),
        ("table_close", table_close),
        ("th_open", th_open),
        ("fence", fence),
    ):
        parser.add_render_rule(name, rule)


def _name_headings(tokens: Sequence[Token]) -> list[Heading]:
    """Give each heading an id, and make the contents of those of the second and third level."""
    taken: set[str] = {"report"}
    contents: list[Heading] = []
    for at, token in enumerate(tokens):
        if token.type != "heading_open":
            continue
        words = _plain(tokens[at + 1])
        heading = Heading(slug(words, taken), words, [])
        token.attrSet("id", heading.id)
        if token.tag == "h2":
            contents.append(heading)
        elif token.tag == "h3" and contents:
            contents[-1].below.append(heading)
    return contents


def _label_tables(tokens: Sequence[Token]) -> None:
    """Give each table's box the name of the heading above it."""
    above = "Table"
    for at, token in enumerate(tokens):
        if token.type == "heading_open":
            above = _plain(tokens[at + 1])
        elif token.type == "table_open":
            token.meta["label"] = f"Table: {above}"


def _plain(inline: Token) -> str:
    return "".join(child.content for child in inline.children or [])


def write(folder: Path) -> None:
    """Make the page of the report in `folder`. Raises AnalysisError."""
    report = folder / "report.md"
    if not report.is_file():
        raise AnalysisError(f"{report} is missing", "run `snakemake --cores 1` to make it")
    details = folder / "details.md"  # of a report on one machine
    text = report.read_text(encoding="utf-8")
    if details.is_file():  # its title is a heading of the page, which has one title
        text += f"\n#{details.read_text(encoding='utf-8')}"
    made = page(text, folder)
    write_text(report.with_suffix(".html"), made)


main = stage(write)


if __name__ == "__main__":
    raise SystemExit(main())
