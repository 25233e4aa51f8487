"""Write a machine's launches in the form of another benchmark tool.

python -m analysis.export pyperf --results results/MACHINE --medians --out all.json
python -m analysis.export pyperf --results results/MACHINE --setting "intra_op=1 inter_op=cores" --out b.json
python -m analysis.export google-benchmark --results results/MACHINE --setting baseline --out a.json
"""

from pathlib import Path

from analysis.export import google_benchmark, pyperf
from workloads.vocabulary.command_line import add_results, parser_of
from workloads.vocabulary.errors import command


def main(argv: list[str] | None = None) -> int:
    """Command line: see the module's docstring."""
    parser = parser_of(main)
    forms = parser.add_subparsers(dest="form", required=True)
    for_pyperf = forms.add_parser("pyperf", help="for `python -m pyperf compare_to A.json B.json`")
    for_pyperf.add_argument(
        "--medians", action="store_true", help="one value for each launch, the median of its samples"
    )
    for form in (for_pyperf, forms.add_parser("google-benchmark", help="for `compare.py benchmarks A.json B.json`")):
        add_results(form)
        form.add_argument("--setting", help="only this setting, as the config writes it, or `baseline`")
        form.add_argument("--out", type=Path, required=True, help="the file to write")
    arguments = parser.parse_args(argv)
    root, setting, out = arguments.results, arguments.setting, arguments.out
    if arguments.form == "pyperf":
        return command(lambda: pyperf.write(root, setting, out, medians=arguments.medians))
    return command(lambda: google_benchmark.write(root, setting, out))


if __name__ == "__main__":
    raise SystemExit(main())
