"""Documents that the suite published in format 2, whole: tests/made/format_2 holds them as they were measured."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from workloads.vocabulary.older_formats import is_newer, is_older, upgraded
from workloads.vocabulary.record import FORMAT, Record, to_json

FORMAT_2 = Path(__file__).parents[3] / "made/format_2"
ROUND: list[dict[str, Any]] = [json.loads(line) for line in (FORMAT_2 / "round.jsonl").read_text().splitlines()]
PLAN: dict[str, Any] = json.loads((FORMAT_2 / "plan.json").read_text())


def record(document: dict[str, Any]) -> Record:
    return TypeAdapter(Record).validate_python(upgraded(document))


@pytest.mark.parametrize("document", ROUND, ids=lambda document: document["id"])
def test_a_launch_of_format_2_is_one_cycle_with_a_tick_before_and_after(document: dict[str, Any]) -> None:
    result, measured = record(document), document["measurement"]
    assert result.measurement is not None
    assert result.measurement.samples == measured["samples"]
    (only,) = result.measurement.slices
    assert only.wall_s == pytest.approx(sum(measured["samples"]) * measured["calls_per_sample"])
    assert result.turns.kept == [document["disturbed"] is None]
    assert result.is_set_aside == (document["disturbed"] is not None)
    canaries = [measured["canary_before"], measured["canary_after"]]
    assert [(tick.one_s, tick.all_s) for tick in result.turns.ticks] == [
        (canary["one_s"], canary["all_s"]) for canary in canaries
    ]
    assert (result.case.timing.slice_s, result.case.timing.cycles) == (0.3, 1)


def test_the_published_round_has_both_kinds() -> None:
    assert {record(document).is_set_aside for document in ROUND} == {True, False}


def test_a_launch_without_a_measurement_has_no_ticks() -> None:
    failure = {"message": "ended with exit status 1", "stderr": [], "exit_code": 1, "signal": None}
    document = record(ROUND[0] | {"status": "failed", "measurement": None, "failure": failure, "disturbed": None})
    assert (document.turns.ticks, document.kept_slices, document.is_set_aside) == ([], [], False)


def test_nothing_that_went_in_is_changed_and_what_came_out_stays_as_it_is() -> None:
    before = copy.deepcopy([*ROUND, PLAN])
    once = [upgraded(document) for document in (*ROUND, PLAN)]
    assert [*ROUND, PLAN] == before
    assert [upgraded(document) for document in once] == once
    assert {document["format"] for document in once} == {FORMAT}
    assert json.loads(to_json(record(ROUND[0]))) == once[0] | {
        "plan": None,
        "turns": once[0]["turns"] | NOT_KNOWN_THEN,
        "case": once[0]["case"] | {"ramp_s": 0.0, "instances": 1, "concurrency": 1},
        "measurement": once[0]["measurement"]
        | {"slices": [once[0]["measurement"]["slices"][0] | {"shares": []}], "model": None},
    }


NOT_KNOWN_THEN = {"dropped_after": None, "handover_s": None}


@pytest.mark.parametrize(
    "document",
    [None, [], "text", {}, {"format": 2}, {"format": 2, "cells": 1, "config": 2}, {"format": "2"}, {"format": True}]
    + [{key: value for key, value in ROUND[0].items() if key != gone} for gone in ("measurement", "case", "position")]
    + [ROUND[0] | {"measurement": {"samples": "many"}}],
)
def test_what_is_no_document_of_its_format_comes_back_for_whoever_validates_it(document: Any) -> None:
    assert upgraded(document) == document


def test_only_newer_formats_are_not_read() -> None:
    assert [is_newer({"format": number}) for number in (1, 2, FORMAT, FORMAT + 1)] == [False, False, False, True]
    assert is_newer({"format": "2"})
    assert not is_newer({})
    assert not is_newer([])
    assert [is_older({"format": number}) for number in (2, FORMAT)] == [True, False]
