"""Whether a bundle is whole, fits this version, and says what its records say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from analysis.bundle.archive import unpack
from analysis.bundle.contents import CRATE, LOCK, SUITE, check_parts, check_sums, of_origin
from analysis.bundle.crate import crate
from analysis.bundle.documents import check_documents, named, plausible
from analysis.bundle.make import of_this_suite
from analysis.bundle.rebuild import laid_out, other_versions, rebuilt
from analysis.plausibility.check import Plausibility
from analysis.workflow.stages import claims_of
from workloads.vocabulary.amounts import count

_WHAT_FOLLOWS = "; the bundle's verdicts on claims are by its own"


@dataclass(frozen=True)
class Verification:
    """What came of looking at a bundle that is whole."""

    machine: str
    files: int
    records: int
    identical: list[str]  # made again from the records, the same to the byte
    different: list[str]  # made again, and not the same
    missing: list[str]  # follow from the records, and are not in the bundle
    unfounded: list[str]  # are in the bundle, and do not follow from the records
    versions: list[str]  # of libraries that are here in another version than the bundle's lock pins
    plausibility: Plausibility  # which records do not hold together, and what was planned once and no longer is
    claims: str = ""  # of these the file by which it was judged
    foreign: list[str] = field(default_factory=list)  # files of the suite in it that are not this suite's

    @property
    def well(self) -> bool:
        """Whether the bundle holds exactly what follows from its records, and each of these holds together."""
        return self.follows and not self.plausibility.violations

    @property
    def follows(self) -> bool:
        """Whether the bundle holds exactly what follows from its records."""
        return not (self.different or self.missing or self.unfounded)

    def sentences(self) -> list[str]:
        """For people to read."""
        made = len(self.identical) + len(self.different) + len(self.missing)
        said = [
            f"{self.machine}: {count(self.files, 'file')} as its checksums say",
            f"all documents fit this version, {count(self.records, 'record')} among them",
            f"made again from the records: {len(self.identical)} of {count(made, 'file')} identical to the byte",
        ]
        for words, files in (
            ("made again, and different", self.different),
            ("follows from the records, and is not in the bundle", self.missing),
            ("in the bundle, and does not follow from the records", self.unfounded),
        ):
            said += [f"{words}: {file}" for file in files]
        said += named(self.plausibility)
        said += [f"not this suite's: {file}{_WHAT_FOLLOWS if file == self.claims else ''}" for file in self.foreign]
        if self.versions and not self.follows:
            said.append(f"other versions of libraries may give other bytes; here: {'; '.join(self.versions)}")
        return said


def whole(bundle: Path) -> tuple[str, dict[str, bytes]]:
    """The machine that a bundle is about by its folder, and its files, all named and with the right checksums.

    Raises BundleError for one that is damaged or unsafe.
    """
    machine, files = unpack(bundle)
    check_sums(files, str(bundle))
    check_parts(files, str(bundle))
    return machine, files


def verify(bundle: Path) -> Verification:
    """Check a bundle and make again what follows from its records. Raises BundleError for one that is unfit."""
    machine, files = whole(bundle)
    with laid_out(of_origin(files, "measured", "suite")) as folder:
        run = check_documents(folder, machine, str(bundle))
        plausibility = plausible(folder, str(bundle))
        made = rebuilt(folder, str(bundle))
    made[CRATE] = crate(files, run)
    held = of_origin(files, "derived") | {file: files[file] for file in (CRATE,) if file in files}
    return Verification(
        machine=machine,
        files=len(files),
        records=run.records,
        identical=_both(held, made, same=True),
        different=_both(held, made, same=False),
        missing=sorted(made.keys() - held.keys()),
        unfounded=sorted(held.keys() - made.keys()),
        versions=other_versions(files.get(LOCK, b"")),
        plausibility=plausibility,
        claims=f"{SUITE}/{claims_of(run.plan)}",
        foreign=_foreign(of_origin(files, "suite")),
    )


def _foreign(files: Mapping[str, bytes]) -> list[str]:
    own = of_this_suite()
    return sorted(file for file, content in files.items() if own.get(file) != content)


def _both(held: Mapping[str, bytes], made: Mapping[str, bytes], *, same: bool) -> list[str]:
    return sorted(file for file in held.keys() & made.keys() if (held[file] == made[file]) is same)
