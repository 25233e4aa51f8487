"""Remove what this suite left in the engine and in its cache; never results, never anybody else's things.

python -m containers.clean [--level leftovers|old|all] [--yes]
"""

import sys

from containers.clean.removal import clean
from containers.clean.things import LEVELS
from containers.images import recipe
from workloads.vocabulary.command_line import parser_of
from workloads.vocabulary.errors import RunError, command


def _ask() -> bool:
    if not sys.stdin.isatty():
        raise RunError("nothing was removed: there is no terminal to ask at", "say --yes if all of this is to go")
    return input("Remove all of this? [y/N] ").strip().lower() in {"y", "yes"}


def main(argv: list[str] | None = None) -> int:
    """Command line: list, ask, remove."""
    parser = parser_of(main)
    parser.add_argument(
        "--level",
        choices=LEVELS,
        default="leftovers",
        help="leftovers: what stopped runs left; old: images of other versions and models' volumes too;"
        " all: today's images, and what was fetched for them, too",
    )
    parser.add_argument("--yes", action="store_true", help="do not ask")
    arguments = parser.parse_args(argv)
    return command(lambda: clean(arguments.level, recipe.CACHE, (lambda: True) if arguments.yes else _ask))


if __name__ == "__main__":
    raise SystemExit(main())
