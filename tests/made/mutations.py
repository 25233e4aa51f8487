"""Ways in which a document may be wrong: a value of another kind somewhere in it, a key gone or misspelt, bytes hit."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import strategies as st

ODD: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from(
        [
            *(None, True, False, -1, 0, 1, 10**9, 2**63, 10**400, 0.5, 1e308, float("nan"), float("inf")),
            *("", "x" * 3000, "../..", "/etc/passwd", "a/b", "\x00", "é", "{{ 1 }}", "1e9", "1GiB", "-1GiB", "cores/0"),
            *([], {}, [None], {"a": None}, [[[[]]]], "\ud800"),
        ]
    ),
    st.text(max_size=20),
    st.integers(),
    st.floats(),
    st.recursive(st.none() | st.integers(), lambda inner: st.lists(inner, max_size=3), max_leaves=5),
)
somewhere = st.floats(0, 1, exclude_max=True)


def places(document: Any, way: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The ways to everything in a document."""
    results = [way]
    inside = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    for key, value in inside:
        results += places(value, (*way, key))
    return results


@st.composite
def mutated(draw: st.DrawFn, documents: list[Any]) -> Any:
    """A document with one to three things wrong in it."""
    document = copy.deepcopy(draw(st.sampled_from(documents)))
    for _ in range(draw(st.integers(1, 3))):
        ways = places(document)
        way = ways[int(draw(somewhere) * len(ways))]
        if not way:
            continue
        at = document
        for key in way[:-1]:
            at = at[key]
        match draw(st.sampled_from(["set", "remove", "rename", "double"])):
            case "remove":
                del at[way[-1]]
            case "rename" if isinstance(at, dict):
                at[f"{way[-1]}s"] = at.pop(way[-1])
            case "double" if isinstance(at, list):
                at.append(copy.deepcopy(at[int(way[-1])]))
            case _:
                at[way[-1]] = copy.deepcopy(draw(ODD))
    return document


@st.composite
def damaged(draw: st.DrawFn, texts: list[bytes]) -> bytes:
    """A text with some of its bytes hit, cut or doubled."""
    text = bytearray(draw(st.sampled_from(texts)))
    for _ in range(draw(st.integers(1, 4))):
        at = int(draw(somewhere) * max(1, len(text)))
        match draw(st.sampled_from(["flip", "cut", "double", "insert"])):
            case "flip" if text:
                text[min(at, len(text) - 1)] = draw(st.integers(0, 255))
            case "cut":
                del text[at : at + draw(st.integers(1, 40))]
            case "double":
                text[at:at] = text[at : at + draw(st.integers(1, 40))]
            case _:
                text[at:at] = draw(st.binary(max_size=8))
    return bytes(text)
