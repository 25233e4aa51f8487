"""A stage of the pipeline: one command that reads files and writes files. Standard library only."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Stage:
    """A module's command with the files that it reads and writes; Snakemake makes a rule of it.

    Paths are relative to the machine's folder, and may hold the wildcard `{image}`. So may the words of `arguments`,
    which may begin with `{results}`, the machine's folder, `{suite}`, the suite's root, or `{log}`.
    """

    name: str  # of the rule
    module: str  # `python -m` runs it
    outputs: list[str]
    inputs: list[str] = field(default_factory=list)  # a newer one runs the stage again
    waits_for: list[str] = field(default_factory=list)  # must exist; a newer one is no reason to run again
    suite_files: list[str] = field(default_factory=list)  # of the suite itself, relative to its root
    follows_code: bool = True  # a change of the module, or of what it imports, runs the stage again
    reads_rounds: bool = False  # whether all records are among its inputs
    measures: bool = False  # then no other job runs beside it
    retries: int = 0
    arguments: Sequence[str] = ("--results", "{results}")  # after `python -m MODULE`
    # Values, or functions of the wildcards; a change of one runs the stage again, as a change of `arguments` does.
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def log(self) -> str:
        """Where its log goes: `logs/NAME.log`, or a file for each value of the wildcards below `logs/NAME/`."""
        wildcards = re.findall(r"\{\w+\}", self.outputs[0])
        return f"logs/{'/'.join([self.name, *wildcards])}.log"
