"""The suite's command lines: how a program is named, and the arguments that many share. Standard library only."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from workloads.vocabulary.errors import command


class Main(Protocol):
    """What a module runs as a command: arguments, or the process's own, to an exit status."""

    def __call__(self, argv: list[str] | None = None) -> int:
        """Run the command."""


def parser_of(function: Callable[..., object]) -> argparse.ArgumentParser:
    """A parser for the module that defines `function`, with the first paragraph of its docstring as description."""
    module = sys.modules[function.__module__]
    # Under `python -m` the module is called __main__, and its spec knows its name; a package is run by its own name.
    name = (module.__spec__.name if module.__spec__ else module.__name__).removesuffix(".__main__")
    return argparse.ArgumentParser(prog=f"python -m {name}", description=(module.__doc__ or "").partition("\n\n")[0])


def add_results(parser: argparse.ArgumentParser) -> None:
    """Add `--results`, the folder of a machine."""
    parser.add_argument("--results", type=Path, required=True, help="a machine's folder, such as results/MACHINE")


def stage(write: Callable[[Path], None]) -> Main:
    """The command of a stage that needs nothing but the machine's folder: `write` makes its files there."""

    def main(argv: list[str] | None = None) -> int:
        parser = parser_of(write)
        add_results(parser)
        arguments = parser.parse_args(argv)
        return command(lambda: write(arguments.results))

    return main
