"""No record ends in a traceback: it is read, or a sentence says why not; and no check of it, once it is read."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from hypothesis import given

from analysis.plausibility import of_itself
from analysis.records.folder import Line
from analysis.tables.launch import launch_of
from tests.fuzz.minute import for_a_minute
from tests.made.mutations import damaged, mutated
from workloads.vocabulary.documents import check_numbers, parse_checked
from workloads.vocabulary.errors import DocumentError
from workloads.vocabulary.record import Record

PUBLISHED = sorted((Path(__file__).parents[2] / "results/published").glob("**/rounds/*/*/1.jsonl"))
_LONGEST = 1000
LINES = [path.read_bytes().splitlines()[0] for path in PUBLISHED[:40]]


def _tries(text: bytes) -> None:
    try:
        check_numbers(text, "here")
        record = parse_checked(Record, text, "here")
    except DocumentError as error:
        said = str(error)
        assert 0 < len(said) < _LONGEST
        return
    for invariant in of_itself.INVARIANTS:
        with suppress(ValueError, LookupError, TypeError):  # which counts as broken
            assert invariant(record) in (True, False)
    launch = launch_of(Line("file", 1, record))
    assert launch.measurement is None or launch.samples


@for_a_minute
@given(mutated([json.loads(line) for line in LINES]))
def test_a_record_with_odd_values(document: Any) -> None:
    """Published ones, with up to three things wrong in them."""
    _tries(json.dumps(document).encode("utf-8", "surrogatepass"))


@for_a_minute
@given(damaged(LINES))
def test_a_damaged_line(text: bytes) -> None:
    """Published ones, with bytes hit."""
    _tries(text)
