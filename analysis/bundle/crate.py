"""ro-crate-metadata.json: what a bundle is, for machines that read RO-Crate 1.2 (https://w3id.org/ro/crate/1.2).

The same files give the same bytes: the date is that of the last launch, and nobody is named as the agent.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from analysis.bundle.contents import CITATION, CRATE, PARTS, SUITE, SUMS, Part, media_type, part_of, sha256
from analysis.bundle.documents import Run
from analysis.workflow.stages import claims_of
from workloads.vocabulary.amounts import count, size
from workloads.vocabulary.inventory import Machine, Receipt

_SPECIFICATION = "https://w3id.org/ro/crate/1.2"
_CONTEXT = [f"{_SPECIFICATION}/context", {"sha256": "http://schema.org/sha256"}]
_LICENCE = "https://spdx.org/licenses/Apache-2.0"
_SUITE, _MACHINE, _RUN, _ANALYSIS = "#suite", "#machine", "#measurement", "#analysis"


@dataclass(frozen=True)
class Entity:
    """One node of the graph."""

    id: str
    type: str
    properties: dict[str, Any] = field(default_factory=dict)

    def node(self) -> dict[str, Any]:
        """As JSON-LD has it."""
        return {"@id": self.id, "@type": self.type} | self.properties


def _links(ids: list[str]) -> list[dict[str, str]]:
    return [{"@id": id_} for id_ in ids]


def crate(files: Mapping[str, bytes], run: Run) -> bytes:
    """The description of a bundle's files, without the two that are made last: itself and the checksums."""
    described = {file: files[file] for file in sorted(files) if file not in (CRATE, SUMS)}
    parts = [part for part in PARTS if any(part.holds(file) for file in described)]
    graph = [
        Entity(CRATE, "CreativeWork", {"about": {"@id": "./"}, "conformsTo": {"@id": _SPECIFICATION}}),
        _root(run, parts),
        *(_folder(part, described) for part in parts if part.path.endswith("/")),
        *(_file(file, content) for file, content in described.items()),
        _suite(run),
        _machine(run.machine),
        *(_image(name, receipt) for name, receipt in run.receipts.items()),
        *_actions(run, parts),
        Entity(_LICENCE, "CreativeWork", {"name": "Apache License 2.0", "description": "The licence of the suite."}),
    ]
    document = {"@context": _CONTEXT, "@graph": [entity.node() for entity in graph]}
    return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode()


def _root(run: Run, parts: list[Part]) -> Entity:
    cells = run.plan.cells
    sweeps = count(len({cell.sweep for cell in cells}), "sweep")
    workloads = count(len({cell.workload for cell in cells}), "workload")
    about = (
        f"Thread and environment settings of TensorFlow on {run.machine.cpu}, {count(len(run.machine.cpus), 'CPU')} "
        f"for the launches: {count(run.records, 'launch')} in {sweeps} of {workloads}, "
        "with the tables, figures and the report that follow from them."
    )
    return Entity(
        "./",
        "Dataset",
        {
            "name": f"threadmark on {run.machine.slug}",
            "description": about,
            "datePublished": run.last[:10],
            "license": {"@id": _LICENCE},
            "hasPart": _links([part.path for part in parts]),
            "mentions": _links([_RUN, _ANALYSIS]),
        },
    )


def _folder(part: Part, files: Mapping[str, bytes]) -> Entity:
    inside = [file for file in files if part.holds(file)]
    about = {"name": part.path.rstrip("/"), "description": part.about}
    return Entity(part.path, "Dataset", about | {"hasPart": _links(inside)})


def _file(file: str, content: bytes) -> Entity:
    part = part_of(file)
    whole = {} if part is None or part.path != file else {"description": part.about}
    return Entity(
        file,
        "File",
        {
            "name": file,
            **whole,
            "encodingFormat": media_type(file),
            "contentSize": str(len(content)),
            "sha256": sha256(content),
        },
    )


def _suite(run: Run) -> Entity:
    about = "Measures which thread and environment settings suit a TensorFlow workload."
    known = {
        "name": "threadmark",
        "version": run.plan.suite,
        "description": about,
        "license": {"@id": _LICENCE},
        # RO-Crate asks for an address. Whoever made the bundle may have the suite from anywhere: its citation names it.
        "url": {"@id": CITATION},
    }
    return Entity(_SUITE, "SoftwareApplication", known)


def _machine(machine: Machine) -> Entity:
    about = (
        f"{machine.cpu} ({machine.architecture}), {count(machine.logical_cpus, 'logical CPU')}, "
        f"{size(machine.memory_bytes)} of memory, {machine.os}, kernel {machine.kernel}"
    )
    known = {"name": machine.slug, "description": about, "subjectOf": {"@id": "machine.json"}}
    return Entity(_MACHINE, "IndividualProduct", known)


def _image_id(name: str) -> str:
    return f"#image-{name}"


def _image(name: str, receipt: Receipt) -> Entity:
    return Entity(
        _image_id(name),
        "SoftwareApplication",
        {
            "name": f"container image {name}",
            "version": receipt.image.content,
            "description": f"TensorFlow {receipt.tensorflow.get('version', 'of unknown version')} on {receipt.base}",
            "url": {"@id": f"images/{name}.json"},
        },
    )


def _actions(run: Run, parts: list[Part]) -> list[Entity]:
    """The measurement and the analysis: by what, from what, to what."""
    there = {part.path for part in parts}
    measured = [part.path for part in PARTS if part.origin == "measured" and part.path in there]
    asked = ["config.yaml", "plan.json"]
    known = {
        "name": f"Measurement on {run.machine.slug}",
        "startTime": run.first,
        "endTime": run.last,
        "instrument": _links([_SUITE, _MACHINE, *(_image_id(name) for name in run.receipts)]),
        "object": _links(asked),
        "result": _links([path for path in measured if path not in asked]),
    }
    follows = {
        "name": "Analysis of the records",
        "instrument": _links([_SUITE]),
        "object": _links([*measured, f"{SUITE}/{claims_of(run.plan)}"]),
        "result": _links([part.path for part in parts if part.origin == "derived"]),
    }
    return [Entity(_RUN, "CreateAction", known), Entity(_ANALYSIS, "CreateAction", follows)]
