"""Escapes text for Markdown: in code spans, table cells and links."""

import re
from collections.abc import Sequence
from urllib.parse import quote

# An underscore inside a word is no markup, and `mlp_training` reads better without a backslash.
_MARKUP = re.compile(r"[\\`*{}\[\]<>|~#&]|(?<!\w)_|_(?!\w)")


def code(text: str) -> str:
    """A code span that holds `text` on one line, whatever backticks and bars are in it, in tables too."""
    flat = " ".join(text.split()).replace("|", "\\|")
    longest = max((len(run) for run in re.findall("`+", flat)), default=0)
    fence = "`" * (longest + 1)
    space = " " if flat.startswith("`") or flat.endswith("`") else ""
    return f"{fence}{space}{flat}{space}{fence}" if flat else ""


def fenced(lines: Sequence[str]) -> str:
    """A block of code with these lines as they are, whatever backticks and control characters are in them."""
    shown = ["".join(sign if sign.isprintable() or sign == "\t" else "\ufffd" for sign in line) for line in lines]
    longest = max((len(run) for line in shown for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join([fence, *shown, fence])


def text(words: str) -> str:
    """Plain words for a table cell or a sentence: nothing in them is markup."""
    return _MARKUP.sub(r"\\\g<0>", " ".join(words.split()))


def link(words: str, target: str) -> str:
    """A link to a file beside the report, or to a heading in it (#...); `words` are Markdown already."""
    path, mark, line = target.partition("#")
    return f"[{words}]({quote(path, safe='/@')}{mark}{line})"
