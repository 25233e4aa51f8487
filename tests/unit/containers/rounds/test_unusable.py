"""A user's model that does not run ends the run in one sentence; any other failure is a record."""

from __future__ import annotations

from dataclasses import replace

import pytest

from containers.rounds.unusable import require_running
from tests.made.records import cell, failed
from workloads.vocabulary.errors import RunError
from workloads.vocabulary.plan import Cell, UserModel
from workloads.vocabulary.record import Failure, Record, Status

SAID = ["Traceback (most recent call last):", "workloads.parts.user_models.words.ModelError: loading model.h5: no."]
SUITES_OWN = cell()
MODELS = replace(SUITES_OWN, workload="mine", model=UserModel("net.h5", None, "0" * 64))


def ended(of: Cell, status: Status, message: str, position: int = 1) -> Record:
    return replace(failed(of, position=position), status=status, failure=Failure(message, SAID, 1, None))


def test_the_model_s_own_words_end_the_run() -> None:
    records = [failed(MODELS, position=2), ended(MODELS, Status.FAILED, "ended with exit status 1")]
    with pytest.raises(RunError) as caught:
        require_running(MODELS, records)
    assert str(caught.value) == "the model of workload mine does not run: loading model.h5: no"


def test_a_model_whose_outputs_are_wrong_with_the_baseline_can_be_compared_with_nothing() -> None:
    with pytest.raises(RunError, match="does not run: output error not finite"):
        require_running(MODELS, [ended(MODELS, Status.WRONG_OUTPUT, "output error not finite")])


def test_failures_of_other_settings_and_for_other_reasons_are_records() -> None:
    require_running(MODELS, [ended(MODELS, Status.FAILED, "", position=2), ended(MODELS, Status.WRONG_OUTPUT, "", 3)])
    for status in (Status.TIMEOUT, Status.OUT_OF_MEMORY, Status.ABORTED, Status.NO_RECORD):
        require_running(MODELS, [ended(MODELS, status, "")])
    require_running(SUITES_OWN, [ended(SUITES_OWN, Status.FAILED, "")])
