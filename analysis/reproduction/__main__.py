"""Do a run again: prepare it from its bundle, and judge what is reproduced. `make reproduce` does both.

python -m analysis.reproduction start FILE --out results/reproduction
python -m analysis.reproduction judge --original DIR --again DIR --out results/reproduction
"""

from pathlib import Path

from analysis.reproduction import judge
from analysis.reproduction.start import start
from workloads.vocabulary.command_line import parser_of
from workloads.vocabulary.errors import command


def main(argv: list[str] | None = None) -> int:
    """Command line: see the module's docstring."""
    parser = parser_of(main)
    steps = parser.add_subparsers(dest="step", required=True)
    starting = steps.add_parser("start", help="verify and unpack the original, and write the config of the second run")
    starting.add_argument("bundle", type=Path, help="a bundle, or a machine's folder")
    judging = steps.add_parser("judge", help="compare both runs, and write a report")
    judging.add_argument("--original", type=Path, required=True, help="the original's folder")
    judging.add_argument("--again", type=Path, required=True, help="the folder of the run made again")
    judging.add_argument("--claims", type=Path, help="the claims; those of the original's bundle if not given")
    for step in (starting, judging):
        step.add_argument("--out", type=Path, default=Path("results/reproduction"), help="where the second run goes")
    given = parser.parse_args(argv)
    if given.step == "start":
        return command(lambda: start(given.bundle, given.out, Path()))
    return command(lambda: print(f"threadmark: {judge.write(given.original, given.again, given.out, given.claims)}"))


if __name__ == "__main__":
    raise SystemExit(main())
