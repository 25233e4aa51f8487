"""What a bundle holds: its parts, the kinds of its files, and the list of their checksums.

A bundle's folder is laid out like a machine's folder below results/, so that importing it is one move. Beside what
was measured and what follows from that, it holds what another machine needs to do the same again, below suite/.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from workloads.vocabulary.errors import BundleError
from workloads.vocabulary.plan import PEAKS_FILE
from workloads.vocabulary.preregistration import FILE as PREREGISTERED

# The checksums, as `sha256sum --check` reads them; it names every file but itself.
SUMS = "SHA256SUMS"

CRATE = "ro-crate-metadata.json"
CITATION = "CITATION.cff"
SUITE = "suite"
CLAIMS_FILE = f"{SUITE}/config/claims.yaml"
LOCK = f"{SUITE}/requirements.lock"

Origin = Literal["measured", "derived", "suite", "bundle"]


MEDIA_TYPES = {
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".yaml": "application/yaml",
    ".toml": "application/toml",
    ".csv": "text/csv",
    ".parquet": "application/vnd.apache.parquet",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".md": "text/markdown",
    ".html": "text/html",
    ".tex": "application/x-tex",
    ".env": "text/plain",
    ".py": "text/x-python",
    ".serving": "text/plain",
    ".sh": "application/x-sh",
    ".lock": "text/plain",
    ".cff": "application/yaml",
    "": "text/plain",
}


@dataclass(frozen=True)
class Part:
    """A file, or a folder with all that is in it."""

    path: str  # a folder's ends in a slash
    origin: Origin
    about: str
    always: bool = True  # no run is without it

    def holds(self, file: str) -> bool:
        """Whether a file belongs to this part."""
        return file == self.path or (self.path.endswith("/") and file.startswith(self.path))


PARTS = (
    Part("machine.json", "measured", "The machine: hardware, kernel and container engine, at the start of the run."),
    Part("config.yaml", "measured", "What was to be measured, as it was understood, defaults filled in."),
    Part("plan.json", "measured", "What the config comes to on this machine: settings as resolved, rounds, seeds."),
    Part(PREREGISTERED, "measured", "The plans by which launches were made, from before their first.", always=False),
    Part("canary.json", "measured", "Of format 2: what the canary took before the run.", always=False),
    Part(
        PEAKS_FILE,
        "measured",
        "The launches that measured the machine's peaks of arithmetic and of memory.",
        always=False,
    ),
    Part("images/", "measured", "The container images: receipts (content, base, packages, build), bills of materials."),
    Part("audit/", "measured", "What each knob did in each image on this machine, with the evidence."),
    Part("rounds/", "measured", "The records, as measured: one JSON document a line, one line a launch."),
    Part("decisions/", "measured", "Why further rounds were measured, or not, where the plan left that open."),
    Part("plausibility.json", "derived", "Records that do not hold together, and why."),
    Part("tables/", "derived", "Launches, samples, comparisons and verdicts as tables."),
    Part("figures/", "derived", "The figures, as SVG and PNG."),
    Part("recommended/", "derived", "Recommended settings as files to paste, for Docker and other tools."),
    Part("report.md", "derived", "The report, with links to the records behind each number."),
    Part("details.md", "derived", "The tables behind the report."),
    Part("report.html", "derived", "The report as one page for a browser."),
    Part(f"{SUITE}/", "suite", "The locks of everything that was installed, and the claims that were judged."),
    Part(CITATION, "suite", "How to cite the suite."),
    Part("LICENSE", "suite", "The suite's licence."),
    Part(CRATE, "bundle", "This description, after RO-Crate 1.2."),
    Part(SUMS, "bundle", "The sha256 of every other file."),
)


def part_of(file: str) -> Part | None:
    """The part that a file belongs to; None if a bundle has no place for it."""
    if PurePosixPath(file).suffix not in MEDIA_TYPES:
        return None
    return next((part for part in PARTS if part.holds(file)), None)


def of_origin(files: Mapping[str, bytes], *origins: Origin) -> dict[str, bytes]:
    """Those of the files that belong to parts of these origins."""
    return {file: files[file] for file in files if (part := part_of(file)) and part.origin in origins}


def media_type(file: str) -> str:
    """The media type of a bundle's file, by its name."""
    return MEDIA_TYPES[PurePosixPath(file).suffix]


def sha256(content: bytes) -> str:
    """The sha256 in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def sums(files: Mapping[str, bytes]) -> bytes:
    """The content of the list of checksums for these files."""
    return "".join(f"{sha256(files[file])}  {file}\n" for file in sorted(files) if file != SUMS).encode()


def read_sums(content: bytes) -> dict[str, str]:
    """File -> sha256, of the lines that say so."""
    lines = content.decode("ascii", "replace").splitlines()
    entries = [match for line in lines if (match := re.fullmatch(r"([0-9a-f]{64})  (\S+)", line))]
    return {match[2]: match[1] for match in entries}


def check_sums(files: Mapping[str, bytes], place: str) -> None:
    """Raise BundleError unless the list names each file with its checksum, and nothing else."""
    if SUMS not in files:
        raise BundleError(f"{place}: no {SUMS} in it; this is no bundle of this suite")
    listed = read_sums(files[SUMS])
    for file in sorted(files.keys() - {SUMS}):
        if file not in listed:
            raise BundleError(f"{place}: {file} is not in its {SUMS}", "do not use this bundle")
        if listed[file] != sha256(files[file]):
            raise BundleError(f"{place}: {file} is not what its {SUMS} says", "get the bundle again")
    if missing := sorted(listed.keys() - files.keys()):
        raise BundleError(f"{place}: {missing[0]} is missing", "get the whole bundle")
    if files[SUMS] != sums(files):
        raise BundleError(f"{place}: its {SUMS} holds more than checksums", "do not use this bundle")


def check_parts(files: Mapping[str, bytes], place: str) -> None:
    """Raise BundleError for a file that a bundle has no place for."""
    for file in sorted(files):
        if part_of(file) is None:
            raise BundleError(f"{place}: a bundle has no place for {file}", "do not use this one")
