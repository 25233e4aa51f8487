"""The machine under the engine: how it is named, what launches may use, what a report says of it."""

import json
import os
import platform
import re
import shutil
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import psutil

from containers.engine import capabilities, gpus
from containers.engine import connection as engine
from containers.host.disclosure import disclosed
from containers.host.outside import obstacle
from containers.machine_lock import alone
from containers.notices import say
from workloads.vocabulary import documents
from workloads.vocabulary.command_line import parser_of
from workloads.vocabulary.errors import EngineError, command
from workloads.vocabulary.inventory import Machine
from workloads.vocabulary.record import identity

_VECTOR_EXTENSIONS = re.compile(r"sse\d?|ssse3|sse4_[12]|avx\w*|fma|f16c|amx_\w+|asimd\w*|sve\w*|bf16|i8mm")


_COMMON_WORDS = {"amd", "intel", "arm", "core", "processor", "cpu", "gen", "genuine", "with", "tm"}


@dataclass(frozen=True)
class Host:
    """What a plan needs to know of a machine."""

    slug: str
    cpus: list[int]  # the runner's affinity mask: a launch gets no others
    physical_cores: int
    gpu_reason: str | None  # why no NVIDIA GPU can be handed out; None if one can
    bare_reason: str | None = None  # why nothing can run outside a container; None if it can


def this_host() -> Host:
    """The host of this process. Starts no container unless an NVIDIA driver is there."""
    cpus = sorted(os.sched_getaffinity(0))
    return Host(
        slug=_slug(_lscpu().get("Model name", platform.machine()), cpus),
        cpus=cpus,
        physical_cores=min(_physical_cores(), len(cpus)),
        gpu_reason=_gpu_reason(),
        bare_reason=obstacle(),
    )


def describe(name: str) -> Machine:
    """All that a report says of the machine called `name`; prints a notice of what its engine does not enforce.

    Raises EngineError if no engine answers, or if the one that does runs its containers on another machine.
    """
    host, lscpu = this_host(), _lscpu()
    client = engine.connect()
    with alone(say):
        seen = capabilities.probe(client)
    if not seen.here:
        raise EngineError(
            "the container engine runs its containers on another machine or in a virtual one, and plan and report would"
            " describe this one",
            "start the run there, or unset DOCKER_HOST",
        )
    for missing in seen.missing:
        say(f"the container engine holds no {missing.name} ({missing.missing}): {missing.matters}")
    return Machine(
        slug=name,
        cpu=lscpu.get("Model name", platform.machine()),
        architecture=platform.machine(),
        cpus=host.cpus,
        logical_cpus=os.cpu_count() or len(host.cpus),
        physical_cores=_physical_cores(),
        sockets=int(lscpu.get("Socket(s)", "1")),
        numa_nodes=int(lscpu["NUMA node(s)"]) if "NUMA node(s)" in lscpu else None,
        caches={
            key.removesuffix(" cache"): value for key, value in lscpu.items() if re.fullmatch(r"L\d\w? cache", key)
        },
        instruction_sets=[flag for flag in lscpu.get("Flags", "").split() if _VECTOR_EXTENSIONS.fullmatch(flag)],
        memory_bytes=psutil.virtual_memory().total,
        governor=_first_line(Path("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")),
        virtualisation=lscpu.get("Hypervisor vendor"),
        gpus=gpus.names(),
        gpu_reason=host.gpu_reason,
        os=platform.freedesktop_os_release().get("PRETTY_NAME", "Linux"),
        kernel=platform.release(),
        engine=engine.describe(client) | seen.document(),
        load_average=[round(load, 2) for load in os.getloadavg()],
        taken_at=datetime.now(UTC).isoformat(timespec="seconds"),
        disclosed=disclosed(),
    )


def _slug(model: str, cpus: list[int]) -> str:
    """A name such as `epyc-2c-1f3a9c`: the CPU's family, the CPUs to use, and which machine it is.

    The last part is a hash of the machine's id, so that two machines of one kind have two names, and of the CPUs where
    they are not all that the machine has; the id itself, which systemd asks to keep confidential, cannot be read back
    from it. Clones of one image share the id, and the name: a config may give them names of their own.
    """
    words = [word for word in re.findall(r"[a-z][a-z0-9]+", model.lower()) if word not in _COMMON_WORDS]
    machine_id = _first_line(Path("/etc/machine-id")) or ""
    known = {"suite": "threadmark", "machine": machine_id, "model": model, "memory": _memory_gib()}
    which = identity(known if len(cpus) == os.cpu_count() else known | {"cpus": cpus})
    return f"{words[0] if words else platform.machine()}-{len(cpus)}c-{which[:6]}"


def _memory_gib() -> int:
    return round(psutil.virtual_memory().total / 2**30)


def _physical_cores() -> int:
    return psutil.cpu_count(logical=False) or psutil.cpu_count() or 1


def _gpu_reason() -> str | None:
    if not gpus.names():
        return "no NVIDIA driver with a GPU answers on this machine"
    missing = gpus.missing(engine.connect())
    return None if missing is None else str(missing)


@cache
def _lscpu() -> dict[str, str]:
    """util-linux's view of the CPU, names as it prints them; empty where lscpu is not there."""
    if shutil.which("lscpu") is None:
        return {}
    environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"}
    answer = subprocess.run(["lscpu", "--json"], capture_output=True, text=True, env=environment, check=False)
    values: dict[str, str] = {}
    entries = json.loads(answer.stdout)["lscpu"] if answer.returncode == 0 else []
    while entries:
        entry = entries.pop(0)
        values[entry["field"].removesuffix(":")] = entry["data"] or ""
        # Newer versions nest the lines of one subject.
        entries += entry.get("children", [])
    return values


def _first_line(path: Path) -> str | None:
    try:
        return path.read_text().splitlines()[0]
    except (OSError, IndexError):
        return None


def main(argv: list[str] | None = None) -> int:
    """Write down the machine as it is at the start of a run."""
    parser = parser_of(main)
    parser.add_argument("--name", help="the machine's, as the plan has it; made up if not given")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args(argv)
    return command(lambda: documents.write(arguments.out, describe(arguments.name or this_host().slug)))


if __name__ == "__main__":
    raise SystemExit(main())
