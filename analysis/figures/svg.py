"""Makes matplotlib's SVG safe to put into a page beside others, and able to take on the page's colours.

What is drawn stays as it is, to a hundredth of a point. Metadata go, and so does the style sheet, which would reach the
whole page. Ids hold a hash of the figure's name, so that two figures in one page do not share one. A page may set
`color` on the <svg> element, which lines and letters in INK take, and `fill` on the class `paper`, which is white
otherwise:

    figure svg { color: inherit }
    figure svg .paper { fill: none }
"""

import re
from xml.etree import ElementTree

from workloads.vocabulary.record import identity

# The colour of letters and lines; in an SVG, the page's own.
INK = "#1a1a1a"

# The colour of the ground, and of what shows it; in an SVG of class `paper`.
PAPER = "#fefefe"

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "{http://www.w3.org/1999/xlink}href"
_TEXT = f"{{{_SVG}}}text"
_LEFT_OUT = {f"{{{_SVG}}}metadata", f"{{{_SVG}}}style"}
_WITH_NUMBERS = {"d", "x", "y", "transform"}
_FONTS = "DejaVu Sans, Verdana, sans-serif"  # Verdana is as wide
# Properties that the <svg> element has for all. The style sheet says no more than the last of them.
_SAID_ONCE = {"font-family": "'DejaVu Sans'", "font-size": "8px", "stroke-linejoin": "round"}
_NUMBER = re.compile(r"-?\d+\.?\d*(e-?\d+)?")
_COMMAND = re.compile(" ?([MLQCz]) ?")
_DOT = re.compile(r"M([^A-Za-z]+)L\1(?=M|$)")  # what style.dots draws, thousands of times
_REFERENCE = re.compile(r"url\(#([^)]+)\)")


def for_page(text: str, name: str) -> str:
    """The SVG document `text` of matplotlib in a form that looks the same in a page; `name` makes its ids its own."""
    root = ElementTree.fromstring(text)
    for element in root.iter():
        for child in [child for child in element if child.tag in _LEFT_OUT]:
            element.remove(child)
        element.tail = None
        element.text = element.text if element.tag == _TEXT else None
        for key in element.attrib.keys() & _WITH_NUMBERS:
            element.set(key, _shortened(element.attrib[key]))
        element.attrib |= _properties(element.attrib.pop("style", ""))
    _rename(root, f"f{identity(name)[:6]}")
    root.attrib |= {"color": INK, **_SAID_ONCE, "font-family": _FONTS}
    ElementTree.register_namespace("", _SVG)
    return ElementTree.tostring(root, encoding="unicode").replace(" />", "/>") + "\n"


def _shortened(text: str) -> str:
    """A path, a place or a transformation with its numbers to two decimals, and without blanks that say nothing."""
    # + 0.0 makes zero of what would be printed as minus zero.
    text = _NUMBER.sub(lambda match: f"{round(float(match[0]), 2) + 0.0:g}", text)
    return _DOT.sub(r"M\1h0", _COMMAND.sub(r"\1", " ".join(text.split())))


def _properties(style: str) -> dict[str, str]:
    """What `style` says, as attributes, which a page's style sheet can overrule."""
    attributes: dict[str, str] = {}
    for key, value in (part.split(": ", 1) for part in style.split("; ") if part):
        if key == "fill" and value == PAPER:
            attributes |= {"class": "paper", "fill": "#fff"}
        elif value != _SAID_ONCE.get(key):
            attributes[key] = "currentColor" if value == INK else value
    return attributes


def _rename(root: ElementTree.Element, prefix: str) -> None:
    """Give what is referred to an id that no other figure has, and drop the ids of all else."""
    ids: dict[str, str] = {}
    for element in root.iter():
        if (target := element.attrib.pop(_XLINK, None)) is not None:
            element.set("href", f"#{ids.setdefault(target[1:], f'{prefix}-{len(ids)}')}")
        if (clip := _REFERENCE.fullmatch(element.get("clip-path", ""))) is not None:
            element.set("clip-path", f"url(#{ids.setdefault(clip[1], f'{prefix}-{len(ids)}')})")
    for element in root.iter():
        if (own := element.attrib.pop("id", None)) in ids:
            element.set("id", ids[own])
