"""From what the containers of a census told to the census, ends before the end included."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import cast

import pytest

from containers.audit import census
from containers.audit.census import read_answer, summed
from containers.engine.connection import Client
from containers.engine.question import Answer
from workloads.harness.census import Told
from workloads.vocabulary.census import Census, CensusPhase, VariableRead
from workloads.vocabulary.record import ImageIdentity

IMPORT = Told(CensusPhase("import"), [VariableRead("TF_A", "tensorflow/x.so", {"import": 2})], not_noted=1)
XLA = Told(
    CensusPhase("XLA", failed="ValueError: no"), [VariableRead("TF_A", "tensorflow/x.so", {"XLA": 1})], not_noted=3
)
END = Told(None, [], {"TF_A": ["tensorflow/x.so"], "TF_B": ["tensorflow/x.so"]}, {"/lib/libc.so.6": "own getenv"})


def answer(*told: Told, exit_code: int | None = 0, stderr: str = "") -> Answer:
    return Answer(exit_code, "".join(json.dumps(asdict(line)) + "\n" for line in told), stderr)


def test_what_was_told_to_the_end_is_the_census() -> None:
    result = summed([read_answer("tensorflow", answer(IMPORT, XLA, END))])
    assert result.phases == [CensusPhase("import"), CensusPhase("XLA", failed="ValueError: no")]
    assert result.reads == [VariableRead("TF_A", "tensorflow/x.so", {"import": 2, "XLA": 1})]
    assert result.unread == {"TF_B": ["tensorflow/x.so"]}
    assert result.unseen == {"/lib/libc.so.6": "own getenv"}
    assert result.not_noted == 3


def test_a_process_that_ends_early_leaves_what_it_told_and_a_phase_that_failed() -> None:
    told = read_answer("workloads", answer(IMPORT, exit_code=134, stderr="x\nF0000 Check failed\n"))
    result = summed([told])
    assert result.reads == IMPORT.reads
    assert result.phases[-1] == CensusPhase(
        "the rest of workloads", failed="the process ended with status 134: F0000 Check failed"
    )
    assert result.missed is not None


def test_one_that_hangs_is_said_to() -> None:
    [told] = read_answer("tensorflow", answer(exit_code=None))
    assert told.phase == CensusPhase(
        "the rest of tensorflow", failed="the process did not end in time: it said nothing"
    )


def test_what_one_subject_asks_for_is_not_called_unread_by_another() -> None:
    asked = Told(
        CensusPhase("conv: first call", "conv"), [VariableRead("TF_B", "tensorflow/x.so", {"conv: first call": 1})]
    )
    result = summed([[IMPORT, END], [asked, END]])
    assert result.unread == {}
    assert [phase.name for phase in result.phases] == ["import", "conv: first call"]


def test_a_census_is_taken_once_and_kept_if_it_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = [summed([[IMPORT, XLA, END]]), summed([[replace(IMPORT, not_noted=0), END]])]
    whole = told[1]
    monkeypatch.setattr(census, "take", lambda *_: told.pop(0))

    def asked() -> Census:
        return census.taken(
            cast(Client, None), ImageIdentity("cpu", "", "sha256:1"), [0], ["tensorflow"], [], tmp_path / "c.json"
        )

    assert asked().missed is not None
    assert not (tmp_path / "c.json").exists()
    assert asked() == whole
    assert (told, asked()) == ([], whole)


def test_what_a_library_may_find_without_asking_is_told_although_another_asks_for_it() -> None:
    names = {"KMP_AFFINITY": ["libiomp5.so"], "TF_A": ["libiomp5.so", "x.so"], "TF_B": ["x.so"]}
    result = summed([[IMPORT, Told(None, [], names, {"libiomp5.so": "environ"})]])
    assert result.hidden == {"KMP_AFFINITY": ["libiomp5.so"], "TF_A": ["libiomp5.so"]}
    assert result.unread == {"KMP_AFFINITY": ["libiomp5.so"], "TF_B": ["x.so"]}
