"""What a loader says, cut to a line of a record, with the way out where it is known."""

from __future__ import annotations

from pathlib import Path

import pytest

from workloads.parts.user_models.words import ModelError, step, worded


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("URL fetch failure on https://x: None -- Temporary failure", "containers have no network: `weights=None`"),
        ("No module named 'subclassed'", "or in a folder with the model as model.py, which you give"),
        ("[Errno 2] No such file or directory: 'churn.h5'", "files beside it come along if it names them in full"),
        ("Could not locate class 'Scale'. Make sure" + "x" * 500, "save it by model.export(FOLDER)"),
        ("Requested the deserialization of a Lambda layer ... by passing safe_mode=False", "{allow_lambda: true}"),
    ],
)
def test_what_is_known_to_help_is_said(words: str, says: str) -> None:
    result = worded(OSError(words))
    assert says in result
    assert len(result) < 380


def test_other_words_are_cut_to_a_line() -> None:
    assert worded(ValueError("a\n  b")) == "ValueError: a b"
    assert len(worded(ValueError("x" * 1000))) < 300


def test_a_step_says_what_it_did_and_in_which_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ModelError, match=r"importing a\.py: KeyError: 'x'"), step("importing a.py"):
        raise KeyError("x")
    assert capsys.readouterr().err == "user_model: importing a.py\n"
    with pytest.raises(ModelError, match=r"calling: it called sys.exit\(3\)"), step("calling"):
        raise SystemExit(3)
    with pytest.raises(ModelError, match="as it was"), step("calling"):
        raise ModelError("as it was")
