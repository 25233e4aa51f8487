"""What a rule runs and what it depends on: the shell line of a module's command, and the files of its code."""

import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from containers.sources import sources
from workloads.vocabulary.stage import Stage


def prefix(suite: Path) -> str:
    """Starts every line: jobs run under this Python and import the suite from here, wherever Snakemake was started."""
    return f"export PATH={shlex.quote(str(Path(sys.executable).parent))}:$PATH PYTHONPATH={shlex.quote(str(suite))}; "


def line(module: str, arguments: str, log: str = "{log:q}") -> str:
    """The shell line that runs a module's command; what it says goes to the log and to the terminal.

    A command that keeps the log itself (`--log`) is not stopped from telling the terminal more or less than the log.
    """
    command = f"python -m {module} {arguments}"
    return command if "--log " in arguments else f"{command} 2> >(tee -a {log} >&2)"


def line_of(stage: Stage, results: Path, suite: Path) -> Callable[[Any], str]:
    """A stage's shell line, as a function of Snakemake's wildcards: what it returns, Snakemake takes as it is."""

    def filled(word: str, wildcards: Any) -> str:
        for begin, path in (("{log}", results / stage.log), ("{results}", results), ("{suite}", suite)):
            if word.startswith(begin):
                word = f"{path}{word.removeprefix(begin)}"
        for name, value in wildcards.items():
            word = word.replace(f"{{{name}}}", value)
        return word

    def made(wildcards: Any) -> str:
        words = [shlex.quote(filled(word, wildcards)) for word in stage.arguments]
        return line(stage.module, " ".join(words), shlex.quote(filled("{log}", wildcards)))

    return made


def code(suite: Path, *modules: str) -> list[str]:
    """The files of modules, of all that they import of the suite, and of the templates beside these."""
    files = {path for module in modules for path in sources(suite, module)}
    templates = {path for folder in {path.parent for path in files} for path in folder.glob("templates/**/*.*")}
    return [str(path) for path in sorted(files | templates)]
