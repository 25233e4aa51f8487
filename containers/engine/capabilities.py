"""What a container engine holds of what is asked of it: seen from inside a container, not taken from its word.

Engines without delegation, and kernels without a controller, take a limit and drop it, or refuse it (`engine.begun`).
So a probe asks for every limit of a launch and looks at what came: its CPUs, its control group, its rights, its
environment. The probe is this machine's own shell in an image of two megabytes, so that an engine can be asked before
any image is built.
"""

import io
import os
import re
import subprocess
import tarfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from containers.engine import connection as engine
from containers.engine.container import PERIOD_US
from containers.engine.environment import BASE
from containers.engine.labels import PROBE
from containers.engine.question import PROBE_MEMORY_BYTES, PROBE_PIDS, run
from workloads.vocabulary.errors import EngineError, ImageError

_SHELL = Path("/bin/sh")
_QUOTA = 50  # percent of one CPU

# The shell's own words only: nothing else is in the image. Version 2 of control groups first, then version 1.
_LOOK = """
while read -r line; do echo "status $line"; done < /proc/self/status
read -r value < /proc/sys/kernel/random/boot_id && echo "boot $value"
for file in memory.max pids.max cpu.max memory/memory.limit_in_bytes pids/pids.max cpu/cpu.cfs_quota_us; do
  if [ -r /sys/fs/cgroup/$file ]; then read -r value < /sys/fs/cgroup/$file; echo "cgroup $file $value"; fi
done
export -p
"""

_OF_SHELLS = {"OLDPWD", "SHLVL", "_"}  # what some shells export on their own


@dataclass(frozen=True)
class Capability:
    """One thing that launches rely on."""

    name: str
    missing: str | None  # what was seen instead, as a clause; None: it is there
    matters: str  # what follows where it is missing


@dataclass(frozen=True)
class Found:
    """What a probe of an engine saw."""

    capabilities: list[Capability]
    added: list[str]  # environment variables that the engine adds on its own
    here: bool  # the engine's containers run on this machine's kernel

    @property
    def missing(self) -> list[Capability]:
        """What launches rely on and this engine does not give."""
        return [capability for capability in self.capabilities if capability.missing is not None]

    def document(self) -> dict[str, str]:
        """For machine.json, beside what the engine says of itself."""
        held = "; ".join(f"no {capability.name}: {capability.missing}" for capability in self.missing) or "all hold"
        return {"limits": held, **({"adds to environments": ", ".join(self.added)} if self.added else {})}


def probe(client: engine.Client) -> Found:
    """Ask the engine for every limit of a launch, and look from inside; takes a second and leaves nothing behind.

    Raises EngineError if no container can run there at all.
    """
    cpus = sorted(os.sched_getaffinity(0))
    with engine.engine_errors("showing what it can do"):
        image = engine.import_image(client, rootfs=_rootfs(), labels=PROBE)
        try:
            return read(_look(client, image, cpus[:1], _QUOTA), cpus[:1])
        except ImageError as error:
            raise EngineError(f"the container engine cannot run a container: {error}") from error
        finally:
            client.images.remove(image, force=True)


def _look(client: engine.Client, image: str, cpus: list[int], cpu_quota: int | None) -> str:
    command = ["/bin/sh", "-c", _LOOK]
    answer = run(client, image=image, command=command, environment=BASE, cpus=cpus, cpu_quota=cpu_quota)
    if answer.exit_code != 0:
        raise ImageError(f"its shell ended with status {answer.exit_code}: {answer.stderr.strip() or 'no word'}")
    return answer.stdout


def read(text: str, cpus: list[int]) -> Found:
    """What a probe printed that was to have `cpus`."""
    status = dict(re.findall(r"^status (\w+):\s*(.*)$", text, re.MULTILINE))
    group = dict(re.findall(r"^cgroup (\S+) (.*)$", text, re.MULTILINE))
    names = re.findall(r"^(?:export|declare -x) (\w+)", text, re.MULTILINE)
    boot = re.search(r"^boot (\S+)$", text, re.MULTILINE)
    return Found(
        capabilities=[
            Capability("cpuset", _cpus(status, cpus), "launches run on all CPUs, whatever a setting says"),
            Capability("memory limit", _memory(group), "a launch may take all memory of the machine"),
            Capability("pids limit", _pids(group), "a launch may start processes without end"),
            Capability("cpu quota", _quota(group), "settings of cpu_quota change nothing"),
            Capability("seccomp filter", _is(status, "Seccomp", "2"), "launches may make every system call"),
            Capability("no new privileges", _is(status, "NoNewPrivs", "1"), "a launch may gain rights by a program's"),
            Capability("no capabilities", _rights(status), "a launch keeps rights of root"),
            Capability("user nobody", _is(status, "Uid", "65534", first=True), "launches run as another user"),
        ],
        added=sorted(set(names) - set(BASE) - _OF_SHELLS),
        here=boot is not None and boot[1] == Path("/proc/sys/kernel/random/boot_id").read_text().strip(),
    )


def _cpus(status: dict[str, str], asked: list[int]) -> str | None:
    wanted, seen = ",".join(map(str, asked)), status.get("Cpus_allowed_list", "unknown")
    return None if seen == wanted else f"asked for CPU {wanted}, got {seen}"


def _memory(group: dict[str, str]) -> str | None:
    seen = group.get("memory.max", group.get("memory/memory.limit_in_bytes", "cannot be seen"))
    return None if seen == str(PROBE_MEMORY_BYTES) else f"asked for {PROBE_MEMORY_BYTES}, got {seen}"


def _pids(group: dict[str, str]) -> str | None:
    seen = group.get("pids.max", group.get("pids/pids.max", "cannot be seen"))
    return None if seen == str(PROBE_PIDS) else f"asked for {PROBE_PIDS}, got {seen}"


def _quota(group: dict[str, str]) -> str | None:
    seen = group.get("cpu.max", group.get("cpu/cpu.cfs_quota_us", "cannot be seen"))
    wanted = str(PERIOD_US * _QUOTA // 100)
    return None if seen.split()[0] == wanted else f"asked for {wanted} us, got {seen}"


def _is(status: dict[str, str], key: str, wanted: str, *, first: bool = False) -> str | None:
    seen = status.get(key, "unknown")
    values = set(seen.split()) if first else {seen}
    return None if values == {wanted} else f"{key} is {seen}"


def _rights(status: dict[str, str]) -> str | None:
    held = [f"{key} {status.get(key, 'unknown')}" for key in ("CapPrm", "CapEff", "CapBnd", "CapAmb")]
    return next((line for line in held if line.split()[1].strip("0")), None)


def _rootfs() -> bytes:
    """This machine's shell and the libraries that it loads, as an archive."""
    listed = ""
    with suppress(OSError):
        listed = subprocess.run(["ldd", str(_SHELL)], capture_output=True, text=True, check=False).stdout
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        names = [str(_SHELL), *sorted(set(re.findall(r"(/\S+)", listed)))]
        # Parents first: a rootless Docker makes folders that are not in the archive for root alone.
        for folder in sorted({str(parent) for name in names for parent in Path(name).parents}):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            archive.addfile(entry)
        for name in names:
            entry = archive.gettarinfo(os.path.realpath(name), arcname=name)
            with Path(name).open("rb") as file:
                archive.addfile(entry, file)
    return buffer.getvalue()
