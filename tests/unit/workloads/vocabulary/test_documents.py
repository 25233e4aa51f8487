"""A document is read with every field and every number checked, and written whole or not at all."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from workloads.vocabulary.documents import check_numbers, parse, parse_checked, read, write
from workloads.vocabulary.errors import DocumentError
from workloads.vocabulary.plan import Decision

DECISION = Decision(after=3, rounds=2, settings=["a"], reason="not yet")


def text(**fields: object) -> str:
    return json.dumps(asdict(DECISION) | fields)


def test_a_document_that_is_written_is_read_again_as_it_was(tmp_path: Path) -> None:
    write(tmp_path / "deep/3.json", DECISION)
    assert read(Decision, tmp_path / "deep/3.json") == DECISION
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["3.json"]


def test_a_missing_document_is_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"3\.json is missing; run `snakemake"):
        read(Decision, tmp_path / "3.json")


@pytest.mark.parametrize("number", ["NaN", "-Infinity", "1e999", "1e19", "9" * 19, "9" * 5000])
def test_a_number_that_nobody_measured_is_refused(number: str) -> None:
    with pytest.raises(DocumentError, match="here is no valid decision") as caught:
        parse(Decision, text().replace("3", number, 1), "here")
    assert len(str(caught.value)) < 300


def test_numbers_inside_texts_are_no_numbers() -> None:
    check_numbers(text(reason="NaN, 1e999"), "here")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (text(after="x"), "here is no valid decision: after: "),
        ("[]", "here is no valid decision: document: "),
        ("{", "here is no valid decision"),
        (text(format=999), "here: format 999, and this version reads"),
        ('{"format": 999}', "here: format 999, and this version reads"),
    ],
)
def test_a_document_that_does_not_fit_says_where(content: str, says: str) -> None:
    for reader in (parse, parse_checked):
        with pytest.raises(DocumentError, match=says) as caught:
            reader(Decision, content, "here", "restore it")
        assert caught.value.remedy is not None
