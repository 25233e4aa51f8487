"""The tree of errors: what happened and what to do are two fields and one sentence."""

from __future__ import annotations

import pickle

from workloads.vocabulary.errors import BundleError, RunError, ThreadmarkError, command


def test_an_error_says_what_happened_and_then_what_to_do() -> None:
    error = RunError("one; two", "try again")
    assert (error.what, error.remedy) == ("one; two", "try again")
    assert str(error) == "one; two; try again"
    assert str(RunError("one")) == "one"


def test_an_error_comes_back_whole_from_another_process() -> None:
    error = pickle.loads(pickle.dumps(BundleError("one", "try again")))
    assert str(error) == "one; try again"


def test_a_command_ends_with_one_sentence_and_status_2() -> None:
    said: list[str] = []

    def fail() -> None:
        raise ThreadmarkError("one", "try again")

    assert command(fail, said.append) == 2
    assert said == ["threadmark: one; try again"]
