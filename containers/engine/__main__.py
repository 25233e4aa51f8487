"""See to it that a container engine answers: find one, else install and start Debian's.

python -m containers.engine
"""

from containers.engine.setup import set_up
from workloads.vocabulary.command_line import parser_of
from workloads.vocabulary.errors import command


def main(argv: list[str] | None = None) -> int:
    """Command line: takes no arguments."""
    parser_of(main).parse_args(argv)
    return command(set_up)


if __name__ == "__main__":
    raise SystemExit(main())
