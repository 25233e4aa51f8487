"""Makes matplotlib's SVG small, safe to put into a page beside others, and able to take on the page's colours.

What is drawn stays as it is, to a hundredth of a point. Out go metadata, groups that hold no more than a name, repeated
styles, and the style sheet, which would reach the whole page. Ids hold a hash of the figure's name, so that two figures
in one page do not share one. A page may set `color` on the <svg> element, which lines and letters
in INK take, and `fill` on the class `paper`, which is white otherwise:

    figure svg { color: inherit }
    figure svg .paper { fill: none }
"""

from __future__ import annotations

import re
from xml.etree import ElementTree

from workloads.vocabulary.record import identity

# The colour of letters and lines; in an SVG, the page's own.
INK = "#1a1a1a"

# The colour of the ground, and of what shows it; in an SVG of class `paper`.
PAPER = "#fefefe"

_SVG = "http://www.w3.org/2000/svg"
_FONT = "DejaVu Sans"
_FONTS = "DejaVu Sans, Verdana, sans-serif"  # Verdana is as wide
_FONT_SIZE = "8px"
_ROOT = {
    "color": INK,
    "fill": "none",
    "font-family": _FONTS,
    "font-size": _FONT_SIZE,
    "stroke-linejoin": "round",
}

# What a property is where nothing is said.
_INHERITED = {
    "fill": "none",
    "font-family": f"'{_FONT}'",
    "font-size": _FONT_SIZE,
    "stroke-dashoffset": "0",
    "stroke-width": "1",
    "stroke-linejoin": "round",
    "text-anchor": "start",
}

_NUMBER = re.compile(r"-?\d*\.\d+|-?\d+(?=e)")
_STEP = re.compile(r"([MLQCz])([^MLQCz]*)")
_LEVEL = re.compile(r"rotate\(-?0[ ,)]")
_REFERENCE = re.compile(r"url\(#([^)]+)\)")


def slim(text: str, name: str) -> str:
    """The SVG document `text` of matplotlib as a smaller one that looks the same; `name` makes its ids its own."""
    source = ElementTree.fromstring(text)
    root = ElementTree.Element("svg", {"xmlns": _SVG, **_size(source), **_ROOT})
    for child in source:
        root.extend(_slimmed(child, in_definition=False))
    _name(root, f"f{identity(name)[:6]}")
    return ElementTree.tostring(root, encoding="unicode").replace(" />", "/>") + "\n"


def _size(source: ElementTree.Element) -> dict[str, str]:
    return {key: _short(source.attrib[key]) for key in ("width", "height", "viewBox")}


def _slimmed(source: ElementTree.Element, in_definition: bool) -> list[ElementTree.Element]:
    """What stands for an element: itself, its children, or nothing."""
    tag = source.tag.rpartition("}")[2]
    if tag in ("metadata", "style"):
        return []
    within = in_definition or tag in ("defs", "clipPath")
    children = [made for child in source for made in _slimmed(child, within)]
    attributes = _attributes(source, tag, in_definition)
    if tag in ("g", "defs") and not children:
        return []
    if tag == "g" and not attributes:
        return children
    if tag == "path" and not in_definition and not attributes.keys() & {"fill", "stroke", "class"}:
        return []  # neither filled nor drawn
    made = ElementTree.Element(tag, attributes)
    made.text = source.text if tag == "text" else None
    made.extend(children)
    if tag == "g":
        _hoist(made)
    return [made]


def _attributes(source: ElementTree.Element, tag: str, in_definition: bool) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in source.attrib.items():
        key = key.rpartition("}")[2]
        if key == "style":
            found |= _presentation(value, tag, in_definition)
        elif key == "d":
            found["d"] = _path(value)
        elif key == "id" and tag == "g":
            pass  # a name for people who edit the file
        elif key == "transform" and _LEVEL.match(value):
            pass
        else:
            found[key] = value if key in ("id", "href", "clip-path") else _short(value)
    return found


def _presentation(style: str, tag: str, in_definition: bool) -> dict[str, str]:
    """The properties of a `style` that say anything, as attributes."""
    properties = dict(part.split(": ", 1) for part in style.split("; ") if part)
    # matplotlib writes no fill for black. Markers are filled where they are used.
    if "fill" not in properties and tag != "g" and not in_definition:
        properties["fill"] = "#000000"
    found: dict[str, str] = {}
    for key, value in properties.items():
        if _INHERITED.get(key) == value:
            continue
        if value == PAPER and key == "fill":
            found |= {"class": "paper", "fill": "#fff"}
        else:
            found[key] = "currentColor" if value == INK else value if value.startswith("#") else _short(value)
    return found


def _hoist(group: ElementTree.Element) -> None:
    """Say once for a group of markers what all of them say."""
    if any(child.tag != "use" for child in group):
        return
    first = group[0].attrib
    shared = {
        key: value
        for key, value in first.items()
        if key not in ("x", "y", "href") and all(child.get(key) == value for child in group)
    }
    group.attrib.update(shared)
    for child in group:
        for key in shared:
            del child.attrib[key]


def _path(data: str) -> str:
    """Path data without blanks, with short forms for level and upright lines."""
    steps: list[str] = []
    last: list[str] = []
    for command, places in _STEP.findall(data):
        numbers = [_short(number) for number in places.split()]
        if command == "L" and last and numbers[1] == last[1]:
            steps.append("h0" if numbers == last else f"H{numbers[0]}")
        elif command == "L" and last and numbers[0] == last[0]:
            steps.append(f"V{numbers[1]}")
        else:
            steps.append(command + " ".join(numbers))
        last = numbers[-2:]
    return "".join(steps)


def _short(text: str) -> str:
    """The text with its numbers to two decimals."""
    # + 0.0 makes zero of what would be printed as minus zero.
    return _NUMBER.sub(lambda found: f"{round(float(found[0]), 2) + 0.0:.2f}".rstrip("0").rstrip("."), text)


def _name(root: ElementTree.Element, prefix: str) -> None:
    """Give what is referred to an id that no other figure has; drop the ids, and definitions, of all else."""
    wanted: dict[str, str] = {}
    for element in root.iter():
        for key in ("href", "clip-path"):
            if (value := element.get(key)) is not None:
                old = value.lstrip("#") if key == "href" else _REFERENCE.sub(r"\1", value)
                new = wanted.setdefault(old, f"{prefix}-{len(wanted)}")
                element.set(key, f"#{new}" if key == "href" else f"url(#{new})")
    for parent in root.iter():
        for element in list(parent):
            if (own := element.get("id")) is None:
                continue
            if own in wanted:
                element.set("id", wanted[own])
            else:
                parent.remove(element)
