"""Users' models of every kind in the image: each runs, or ends with one sentence that says what to do."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.made.model_kinds import KINDS

pytestmark = pytest.mark.long

InImage = Callable[..., str]

# Each in a process of its own, forked once TensorFlow is imported, which takes longest.
TRY = """
import os, pathlib, tempfile
import numpy as np, tensorflow as tf
from workloads.models import user_model

for code, params in {cases!r}:
    child = os.fork()
    if child == 0:
        answers = os.fdopen(os.dup(1), "w")
        os.dup2(2, 1)
        folder = user_model.MOUNTED = pathlib.Path(tempfile.mkdtemp())
        try:
            exec(code, globals())
            (folder / user_model.COMPLETE).touch()
            subject = user_model.build(user_model.Params.of(params), np.random.default_rng(1))
            first = subject.check_first(subject.call())
            last = subject.check_last(subject.call())
            answer = f"{{first.passed and last.passed}} {{first.reference}}"
        except BaseException as error:
            answer = f"{{type(error).__name__}}: {{error}}"
        print("ANSWER", " ".join(answer.split()), file=answers, flush=True)
        os._exit(0)
    os.waitpid(child, 0)
"""


@pytest.fixture(scope="module")
def answers(in_image: InImage) -> dict[str, str]:
    text = in_image(TRY.format(cases=[(code, params) for _, code, params, _ in KINDS]))
    lines = [line.removeprefix("ANSWER ") for line in text.splitlines() if line.startswith("ANSWER ")]
    assert len(lines) == len(KINDS), lines
    return {name: line for (name, *_), line in zip(KINDS, lines, strict=True)}


@pytest.mark.parametrize(("name", "says"), [(name, says) for name, _, _, says in KINDS], ids=lambda text: text[:30])
def test_a_model_of_each_kind_runs_or_says_what_to_do(answers: dict[str, str], name: str, says: str) -> None:
    assert says in answers[name]
    assert answers[name].startswith(("True ", "False ", "ModelError: "))
    assert len(answers[name]) < 400, "a line of a record has 400 characters"
