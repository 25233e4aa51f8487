"""What each knob does in an image on this machine.

python -m containers.audit --results results/MACHINE --image cpu --out results/MACHINE/audit/cpu.json
"""

from pathlib import Path

from containers.audit.probing import write
from workloads.vocabulary.command_line import add_results, parser_of
from workloads.vocabulary.errors import command


def main(argv: list[str] | None = None) -> int:
    """Command line: audit one image of a plan, and write what came out."""
    parser = parser_of(main)
    add_results(parser)
    parser.add_argument("--image", required=True, help="one of the plan's")
    parser.add_argument("--out", type=Path, required=True, help="the audit")
    arguments = parser.parse_args(argv)
    return command(lambda: write(arguments.results, arguments.image, arguments.out))


if __name__ == "__main__":
    raise SystemExit(main())
