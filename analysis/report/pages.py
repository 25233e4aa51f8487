"""What the reports' templates share, and what those on several machines add."""

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jinja2

from analysis import wording
from analysis.report import markdown
from workloads.vocabulary import amounts

_TEMPLATES = Path(__file__).parent / "templates"


def environment() -> jinja2.Environment:
    """What all templates share; what is not ours goes through the filters `code`, `text` and `fenced`."""
    shared = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # Markdown
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    shared.filters |= {
        "code": markdown.code,
        "text": markdown.text,
        "link": markdown.link,
        "fenced": markdown.fenced,
        "ratio": wording.ratio,
        "p_value": wording.p_value,
        "count": amounts.count,
    }
    shared.globals |= {"interval": wording.interval}
    shared.globals["tally"] = lambda words: Counter(words).most_common()
    return shared


def render(template: str, **values: object) -> str:
    """A template of a report on several machines, filled in."""
    filled = environment()
    filled.filters["percent"] = lambda part: wording.share(part, 1.0)
    filled.filters["by_sweep"] = by_sweep
    filled.globals["rate"] = rate
    return filled.get_template(template).render(**values)


def by_sweep(rows: Sequence[Any]) -> list[tuple[str, list[Any]]]:
    """Rows that name their sweep, gathered by it, in the order in which the sweeps come."""
    return [(sweep, [row for row in rows if row.sweep == sweep]) for sweep in dict.fromkeys(row.sweep for row in rows)]


def rate(speed: float, unit: str) -> str:
    """Work a second: 123 GFLOP/s, 3.21 examples/s."""
    return f"{amounts.digits(speed)} examples/s" if unit == "example" else f"{wording.amount(speed, unit)}/s"


def relative(path: Path, folder: Path) -> str:
    """Where `path` lies, seen from a page in `folder`."""
    return Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix()
