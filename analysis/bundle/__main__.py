"""Bundles: everything of one machine's run in one archive, which a stranger can check, compare and run again.

    python -m analysis.bundle make --results results/MACHINE --out MACHINE.tar.xz
    python -m analysis.bundle verify MACHINE.tar.xz
    python -m analysis.bundle sign MACHINE.tar.xz --key ~/.ssh/id_ed25519
    python -m analysis.bundle import MACHINE.tar.xz --results results
    python -m analysis.bundle lock MACHINE.tar.xz --image cpu --out cpu.lock

A bundle's files are listed in analysis.bundle.contents. `verify` exits with status 0 only if every checksum is right,
every document fits, every record holds together, and tables, figures and report follow from the records to the byte.
"""

import argparse
from pathlib import Path

from analysis.bundle.add import add
from analysis.bundle.locks import lock_of
from analysis.bundle.make import make
from analysis.bundle.privacy import names_here
from analysis.bundle.signature import sign, signature_of
from analysis.bundle.verify import verify
from analysis.records.machine_folders import IMPORTED
from workloads.vocabulary.command_line import add_results, parser_of
from workloads.vocabulary.documents import write_bytes, write_text
from workloads.vocabulary.errors import BundleError, command


def write(root: Path, out: Path, *, with_names: bool) -> None:
    """Make the bundle of the machine's folder `root`, in one step. Raises AnalysisError."""
    write_bytes(out, make(root, None if with_names else names_here()))


def say_whether_well(bundle: Path, signers: Path | None) -> None:
    """Print what `verify` finds, and who signed. Raises BundleError if anything is not as it should be."""
    verification = verify(bundle)
    print("\n".join([*verification.sentences(), signature_of(bundle, signers)]))
    if not verification.well:
        fault = (
            "records that do not hold together" if verification.follows else "other files than follow from its records"
        )
        raise BundleError(f"{bundle} has {fault}", "see above")


def _parser() -> argparse.ArgumentParser:
    parser = parser_of(main)
    actions = parser.add_subparsers(dest="action", required=True)
    making = actions.add_parser("make", help="make the bundle of a machine's folder")
    add_results(making)
    making.add_argument("--out", type=Path, required=True, help="the bundle, such as results/MACHINE.tar.xz")
    making.add_argument("--with-names", action="store_true", help="let names of host, user and folders be in it")
    checking = actions.add_parser("verify", help="check a bundle and make its report again from its records")
    checking.add_argument("bundle", type=Path)
    checking.add_argument("--signers", type=Path, help="who may have signed it: OpenSSH's file of allowed signers")
    signing = actions.add_parser("sign", help="sign a bundle with an SSH key")
    signing.add_argument("bundle", type=Path)
    signing.add_argument("--key", type=Path, required=True, help="the private key, or the public one of an agent's")
    adding = actions.add_parser("import", help="add a bundle to results/imported/")
    adding.add_argument("bundle", type=Path)
    adding.add_argument("--results", type=Path, default=Path("results"), help="where the machines' folders are")
    locking = actions.add_parser("lock", help="give the lock of an image that a bundle was measured with")
    locking.add_argument("bundle", type=Path)
    locking.add_argument("--image", help="its name; the one that launches run in by default if not given")
    locking.add_argument("--out", type=Path, required=True, help="where the lock goes")
    return parser


def main(argv: list[str] | None = None) -> int:
    """Command line: see the module's docstring."""
    arguments = _parser().parse_args(argv)
    return command(lambda: _act(arguments))


def _act(arguments: argparse.Namespace) -> None:
    match arguments.action:
        case "make":
            write(arguments.results, arguments.out, with_names=arguments.with_names)
        case "verify":
            say_whether_well(arguments.bundle, arguments.signers)
        case "sign":
            signature = sign(arguments.bundle, arguments.key)
            print(f"threadmark: {signature}; send it and the .json beside it with the bundle")
        case "lock":
            write_text(arguments.out, lock_of(arguments.bundle, arguments.image))
            print(arguments.out)
        case "import":
            # A place of its own, where no run of this machine looks for its launches.
            print(add(arguments.bundle, arguments.results / IMPORTED))


if __name__ == "__main__":
    raise SystemExit(main())
