"""A machine's folder to a bundle: what was measured, what follows from it, and what it takes to do it again.

What follows from the records is made anew, so that a bundle never holds a figure of an older plan or of a report that
was edited. The same records and the same libraries give the same bytes.
"""

import json
from dataclasses import asdict
from pathlib import Path

from analysis.bundle.archive import pack
from analysis.bundle.contents import (
    CITATION,
    CRATE,
    LOCK,
    PARTS,
    SUITE,
    SUMS,
    check_parts,
    of_origin,
    read_sums,
    sha256,
    sums,
)
from analysis.bundle.crate import crate
from analysis.bundle.documents import check_documents, config_text
from analysis.bundle.privacy import Names, check_names, without_folders
from analysis.bundle.rebuild import laid_out, rebuilt
from analysis.records.folder import read_plan, read_whole_plan, rounds_on_file
from workloads.vocabulary.errors import BundleError
from workloads.vocabulary.plan import Plan

_ROOT = Path(__file__).parents[2]
# Beside the locks: what the base is bootstrapped from, and the claims that were judged.
_OF_THE_SUITE = (
    "requirements.lock",
    "containers/images/*/*.lock",
    "containers/images/base/debian.toml",
    "config/claims.yaml",
    "config/claims/*.yaml",
    "config/papers/*/claims.yaml",
)
_AT_THE_TOP = (CITATION, "LICENSE")


def make(root: Path, names: Names | None) -> bytes:
    """The bundle of the machine's folder `root`, without `names` in it; None lets names be.

    Raises BundleError if something is missing, or holds a name; AnalysisError for a document that cannot be read.
    """
    place, plan = str(root), read_whole_plan(root)
    files = _measured(root) | of_the_suite(root)
    if names is not None:
        files |= _without_folders(plan)
    check_parts(files, place)
    if names is not None:
        check_names(files, names, place)
    with laid_out(files) as folder:
        run = check_documents(folder, plan.machine, place)
        files |= rebuilt(folder, place)
    files[CRATE] = crate(files, run)
    files[SUMS] = sums(files)
    check_parts(files, place)
    if names is not None:
        check_names(files, names, place)
    return pack(plan.machine, files)


def _measured(root: Path) -> dict[str, bytes]:
    """What was measured for the plan; rounds of other definitions belong to other experiments."""
    paths = []
    for part in (part for part in PARTS if part.origin == "measured"):
        if part.path in ("images/", "audit/"):
            paths += sorted(path for kind in ("json", "lock") for path in (root / part.path).glob(f"*.{kind}"))
        elif not part.path.endswith("/") and (part.always or (root / part.path).is_file()):
            paths.append(root / part.path)
    for cell in read_plan(root).cells:
        paths += [root / cell.round_file(number) for number in rounds_on_file(root, cell)]
        paths += [root / cell.decision(decision.after) for decision in cell.decided]
    if missing := [path for path in paths if not path.is_file()]:
        raise BundleError(f"{missing[0]} is missing", "run `snakemake --cores 1` to make it, or name another --results")
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}


def of_the_suite(root: Path) -> dict[str, bytes]:
    """The suite's files that the run depends on: those that came with it if it was imported, else this suite's."""
    plan, listed = root / "plan.json", root / SUMS
    if (root / LOCK).is_file() and listed.is_file() and plan.is_file():
        known = read_sums(listed.read_bytes())
        # Still as it came: whoever measures in an imported folder does so with the suite at hand.
        if known.get("plan.json") == sha256(plan.read_bytes()):
            return of_origin({file: (root / file).read_bytes() for file in known if (root / file).is_file()}, "suite")
    return of_this_suite()


def of_this_suite() -> dict[str, bytes]:
    """The files of this checkout that a bundle made here holds."""
    own = {name: (_ROOT / name).read_bytes() for name in _AT_THE_TOP}
    for pattern in _OF_THE_SUITE:
        for path in sorted(_ROOT.glob(pattern)):
            own[f"{SUITE}/{path.relative_to(_ROOT).as_posix()}"] = path.read_bytes()
    return own


def _without_folders(plan: Plan) -> dict[str, bytes]:
    """Plan and config without the folders of their paths; nothing where there are none to take out."""
    cut = without_folders(plan)
    if cut == plan:
        return {}
    text = json.dumps(asdict(cut), indent=1, allow_nan=False) + "\n"
    return {"plan.json": text.encode(), "config.yaml": config_text(cut.config)}
