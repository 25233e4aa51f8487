"""What differs between the places where two or more runs were measured: hardware, system, engine, images, config."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from analysis.comparisons.valid_launches import counting
from analysis.machines.machine_run import Measured
from workloads.vocabulary import amounts
from workloads.vocabulary.inventory import Machine, Receipt
from workloads.vocabulary.record import Status

UNTOLD = "not told"
ABSENT = "none"

# Groups with one property for each instruction set, and for each package of an image.
VECTORS, PACKAGES = "vector instructions", "packages of image"


@dataclass(frozen=True)
class Property:
    """One property of each of several environments, in their order."""

    group: str  # such as hardware, or the image that it belongs to
    name: str
    values: list[str]

    @property
    def differs(self) -> bool:
        """Whether it is not the same everywhere."""
        return len(set(self.values)) > 1


def properties(machines: Sequence[Measured]) -> list[Property]:
    """All that is known of the machines' environments, in a fixed order."""
    rows = _rows("hardware", [_hardware(machine.machine) for machine in machines])
    rows += _rows(VECTORS, [dict.fromkeys(machine.machine.instruction_sets, "yes") for machine in machines])
    rows += _rows("system", [_system(machine.machine) for machine in machines])
    told = dict.fromkeys(name for machine in machines for name in machine.machine.disclosed)
    rows += _rows(
        "disclosed", [{name: machine.machine.disclosed.get(name, UNTOLD) for name in told} for machine in machines]
    )
    for image in dict.fromkeys(name for machine in machines for name in machine.receipts):
        receipts = [machine.receipts.get(image) for machine in machines]
        rows += _rows(f"image {image}", [_image(receipt) for receipt in receipts])
        rows += _rows(f"{PACKAGES} {image}", [packages(receipt) for receipt in receipts])
    rows += _rows("config", [_config(machine) for machine in machines])
    return rows + _rows("run", [_run(machine) for machine in machines])


def _rows(group: str, tables: list[dict[str, str]]) -> list[Property]:
    names = dict.fromkeys(name for table in tables for name in table)
    return [Property(group, name, [table.get(name, ABSENT) for table in tables]) for name in names]


def _hardware(machine: Machine) -> dict[str, str]:
    return {
        "CPU": machine.cpu,
        "architecture": machine.architecture,
        "CPUs that launches may use": str(len(machine.cpus)),
        "logical CPUs": str(machine.logical_cpus),
        "physical cores": str(machine.physical_cores),
        "sockets": str(machine.sockets),
        "NUMA nodes": UNTOLD if machine.numa_nodes is None else str(machine.numa_nodes),
        "caches": ", ".join(f"{level} {size}" for level, size in machine.caches.items()) or UNTOLD,
        "memory": amounts.size(machine.memory_bytes),
        "GPUs": ", ".join(machine.gpus) or ABSENT,
    }


def _system(machine: Machine) -> dict[str, str]:
    return {
        "operating system": machine.os,
        "kernel": machine.kernel,
        "virtualisation": machine.virtualisation or UNTOLD,
        "frequency governor": machine.governor or UNTOLD,
        **{f"engine: {name}": value for name, value in machine.engine.items()},
    }


def _image(receipt: Receipt | None) -> dict[str, str]:
    if receipt is None:
        return {"content": ABSENT}
    build = {name: str(value) for name, value in receipt.tensorflow.items() if isinstance(value, str)}
    return {
        "content": receipt.image.content,
        "recipe": receipt.context,
        "base": receipt.base,
        "base's content": receipt.base_content,
        **{f"TensorFlow: {name}": value for name, value in build.items()},
    }


def packages(receipt: Receipt | None) -> dict[str, str]:
    """The versions in an image by package and kind, such as `numpy (python)`; nothing where there is no receipt."""
    return (
        {} if receipt is None else {f"{package.name} ({package.kind})": package.version for package in receipt.packages}
    )


def _config(machine: Measured) -> dict[str, str]:
    plan = machine.plan
    timings = {_told(asdict(cell.timing)) for cell in plan.cells}
    limits = {_told(asdict(cell.limits)) for cell in plan.cells}
    return {
        "suite": plan.suite,
        "sweeps": ", ".join(dict.fromkeys(cell.sweep for cell in plan.cells)),
        "rounds": ", ".join(str(rounds) for rounds in sorted({cell.rounds for cell in plan.cells})),
        "timing": "; ".join(sorted(timings)),
        "limits": "; ".join(sorted(limits)),
        "seed of inputs": ", ".join(str(seed) for seed in sorted({cell.seed for cell in plan.cells})),
    }


def _run(machine: Measured) -> dict[str, str]:
    launches = machine.evidence.launches
    return {
        "launches planned": str(machine.plan.launches),
        "launches on file": str(len(launches)),
        "launches that count": str(len(counting(launches))),
        "launches that failed": str(int((launches["status"] != Status.OK).sum())),
    }


def _told(values: Mapping[str, object]) -> str:
    return " ".join(f"{name}={value}" for name, value in values.items())
