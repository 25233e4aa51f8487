"""Who holds the locks that keep two runs apart."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from containers import machine_lock as alone
from containers.doctor.lines import Line, State, line

_HELD = re.compile(r"FLOCK\s+ADVISORY\s+WRITE\s+(-?\d+)\s+([0-9a-f]+):([0-9a-f]+):(\d+)")


@dataclass(frozen=True)
class LockFacts:
    """Locks that are held: file -> who holds it, in words. None: the kernel does not tell."""

    machine: str | None  # the lock that a build or a round takes
    runs: dict[str, str] | None  # of results folders
    ours: str | None  # the results folder that the run to be would use


def judge(facts: LockFacts) -> list[Line]:
    """One line for the machine's lock, one for each results folder that a run writes to."""
    if facts.runs is None:
        return [line("locks", "held locks", "unavailable", "/proc/locks cannot be read")]
    if facts.machine is None:
        lines = [line("locks", "machine", "ok", "nothing builds or measures")]
    else:
        seen = f"{facts.machine} builds or measures; a new run waits for its turn to end"
        lines = [line("locks", "machine", "note", seen, "let it end, or stop it")]
    for folder, holder in sorted(facts.runs.items()):
        state: State = "problem" if folder == facts.ours else "note"
        remedy = "let that run end, or stop it: what it measured is kept"
        lines.append(line("locks", folder, state, f"{holder} writes to it", remedy))
    return lines


def look(results: Path, machine: str | None) -> LockFacts:
    """Look up who holds the locks; takes none. `ours`: the name of the machine's folder in `results`."""
    try:
        held = holders(Path("/proc/locks").read_text())
    except OSError:
        return LockFacts(None, None, None)
    runs = {str(lock.parent): who for lock in results.glob("*/.run.lock") if (who := _holder(lock, held))}
    return LockFacts(_holder(alone.LOCK, held), runs, None if machine is None else str(results / machine))


def holders(locks: str) -> dict[tuple[int, int], int]:
    """(device, inode) of a locked file -> process id, from the text of /proc/locks. 0, -1: not of this namespace."""
    pids = {}
    for pid, major, minor, inode in _HELD.findall(locks):
        pids[os.makedev(int(major, 16), int(minor, 16)), int(inode)] = int(pid)
    return pids


def _holder(lock: Path, held: dict[tuple[int, int], int]) -> str | None:
    try:
        seen = lock.stat()
    except OSError:
        return None
    pid = held.get((seen.st_dev, seen.st_ino))
    if pid is None:
        return None
    return _process(pid) if pid > 0 else "a process outside this container"


def _process(pid: int) -> str:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return f"process {pid}"
    known = [word for word in words if re.fullmatch(r"containers\.[\w.]+|.*snakemake", word)]
    return f"process {pid} ({Path(known[0] if known else words[0]).name})"
