"""The tree of errors: what happened and what to do are two fields and one sentence."""

from __future__ import annotations

import pickle

from workloads.vocabulary.errors import BundleError, ConfigError, RunError, ThreadmarkError, command


def test_an_error_says_what_happened_and_then_what_to_do() -> None:
    error = RunError("one; two", "try again")
    assert (error.what, error.remedy) == ("one; two", "try again")
    assert str(error) == "one; two; try again"
    assert str(RunError("one")) == "one"


def test_of_a_long_sentence_about_a_config_the_beginning_and_the_end_stay() -> None:
    """A number of a thousand digits is no sentence."""
    words = str(ConfigError(f"config: batch: {'1' * 1000} is too large", "give a smaller one"))
    assert words.startswith("config: batch: 111")
    assert words.endswith("1 is too large; give a smaller one")
    assert len(words) < 350


def test_an_error_comes_back_whole_from_another_process() -> None:
    error = pickle.loads(pickle.dumps(BundleError("one", "try again")))
    assert str(error) == "one; try again"


def test_a_command_ends_with_one_sentence_and_status_2() -> None:
    said: list[str] = []

    def fail() -> None:
        raise ThreadmarkError("one", "try again")

    assert command(fail, said.append) == 2
    assert said == ["threadmark: one; try again"]
