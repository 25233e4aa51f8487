"""What goes wrong with a user's model, in one sentence that carries the loader's own words and a way out.

The last lines of standard error are all that a record keeps.
"""

import re
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_WORDS = 250  # of a loader's message, in characters: a line of a record has 400

# What a message says -> what to do about it; the first that is found counts.
_REMEDIES = [
    (
        r"URL fetch failure|urlopen error|name resolution|Name or service not known|Max retries|Network is unreachable",
        "containers have no network: `weights=None` takes the same time, or save the model once and give that file",
    ),
    (
        r"No module named",
        "the image has TensorFlow, Keras and NumPy; modules of your own lie beside the file, or in a folder with the "
        "model as model.py, which you give",
    ),
    (
        r"No such file|[Nn]ot found|does not exist|Unable to (synchronously )?open file",
        "files beside it come along if it names them in full; else give a folder with all of them and model.py",
    ),
    (
        r"Lambda.*(safe_mode|unsafe)|safe_mode=False",
        "it holds Python code as a Lambda layer: `params: {allow_lambda: true}` lets that run",
    ),
    (
        r"Could not locate (class|function)|Unknown (layer|object)",
        "save it by model.export(FOLDER) and give the folder, or give a folder with it and a model.py that has the "
        "class and whose build_model(batch) loads it",
    ),
]


class ModelError(Exception):
    """A user's model, or its inputs, cannot be used; one sentence that says why."""


@contextmanager
def step(doing: str, file: Path | None = None) -> Iterator[None]:
    """Say what is being done, for a process that does not come back from it; raise what goes wrong as ModelError.

    `file` is the user's own Python file, whose line the sentence then names.
    """
    print(f"user_model: {doing}", file=sys.stderr, flush=True)
    try:
        yield
    except ModelError:
        raise
    except SystemExit as end:
        raise ModelError(f"{doing}{_line(end, file)}: it called sys.exit({end.code!r})") from None
    except Exception as error:
        raise ModelError(f"{doing}{_line(error, file)}: {worded(error)}") from None


def worded(error: BaseException, most: int = _WORDS) -> str:
    """The error's type and words, cut, and what to do about it where that is known."""
    words = _essential(str(error)).removeprefix(f"{type(error).__name__}: ")
    remedies = [remedy for pattern, remedy in _REMEDIES if re.search(pattern, words)]
    short = f"{type(error).__name__}: {cut(words, most - 100 if remedies else most)}"
    return f"{short}; {remedies[0]}" if remedies else short


def cut(text: str, most: int) -> str:
    """A text in one line, with three dots where it ends before its end."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 3]}..."


def _essential(words: str) -> str:
    """Without the frames that TensorFlow puts before what happened."""
    if words.startswith("in user code:"):
        words = words.strip().splitlines()[-1]
    return re.sub(r"Graph execution error:.*<stack traces unavailable>", "", " ".join(words.split())).strip()


def _line(error: BaseException, file: Path | None) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if file is not None and frame.filename == str(file)]
    return f" (line {lines[-1]})" if lines else ""
