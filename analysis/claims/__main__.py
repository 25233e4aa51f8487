"""Check a file of claims, and that each claim names what a config has.

python -m analysis.claims config/claims.yaml config/default.yaml
"""

from pathlib import Path

from analysis.claims.check import check
from workloads.vocabulary.command_line import parser_of
from workloads.vocabulary.errors import command


def main(argv: list[str] | None = None) -> int:
    """Command line: see the module's docstring."""
    parser = parser_of(main)
    parser.add_argument("claims", type=Path, help="the claims, such as config/claims.yaml")
    parser.add_argument("config", type=Path, help="a config, such as config/default.yaml")
    arguments = parser.parse_args(argv)
    return command(lambda: check(arguments.claims, arguments.config))


if __name__ == "__main__":
    raise SystemExit(main())
