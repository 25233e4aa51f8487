"""Check config files, or print the JSON Schema that they follow.

python -m containers.plan [FILE ...]
"""

from collections.abc import Sequence
from pathlib import Path

from containers.plan.config import read, schema, validate
from workloads.vocabulary.command_line import parser_of
from workloads.vocabulary.errors import command


def check(files: Sequence[Path]) -> None:
    """Raises ConfigError for the first mistake in config files."""
    for path in files:
        validate(read(path))


def main(argv: list[str] | None = None) -> int:
    """Command line: print the config's JSON Schema, or check config files."""
    parser = parser_of(main)
    parser.add_argument("files", nargs="*", type=Path, help="files to check; none prints the schema")
    arguments = parser.parse_args(argv)
    if not arguments.files:
        print(schema(), end="")
    return command(lambda: check(arguments.files))


if __name__ == "__main__":
    raise SystemExit(main())
