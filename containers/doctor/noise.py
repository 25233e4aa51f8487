"""What makes a machine's times vary, and the command that would make it quieter. Nothing is changed here."""

import json
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psutil

from containers.doctor.lines import Line, line

_SECONDS = 0.5  # of watching who uses the CPUs
_BUSY = 0.1  # CPUs: a desktop at rest uses less
_STEAL_PERCENT = 0.5
_CPU = "sys/devices/system/cpu"

# Timers of common distributions that read whole disks or install packages.
_HEAVY = ("apt-daily", "dnf-makecache", "e2scrub", "fstrim", "logrotate", "man-db", "plocate", "updatedb", "unattended")

_line = partial(line, "noise")


@dataclass(frozen=True)
class NoiseFacts:
    """What this machine tells of itself. None: it does not."""

    governors: list[str] | None  # that are in use, without repetition
    turbo: bool | None  # clock rates above the nominal one are allowed
    turbo_switch: str | None  # the file that turns it off, and what to write: "1 /sys/..."
    smt: bool | None  # several threads share a core
    load: float  # the mean number of running processes over the last minute
    busy_cpus: float  # used by others while this was looked at
    busiest: list[str]  # the processes that used most, by name
    swap_used_bytes: int
    steal_percent: float | None  # CPU time since the start that the hypervisor gave to others
    huge_pages: str | None  # always, madvise, never
    numa_nodes: int
    numa_balancing: bool | None
    timers: list[str] | None  # of systemd, that are known to work hard
    on_battery: bool | None


def judge(facts: NoiseFacts) -> list[Line]:
    """One line for each source of noise."""
    return [
        _governor(facts.governors),
        _turbo(facts.turbo, facts.turbo_switch),
        _smt(facts.smt),
        _load(facts),
        _swap(facts.swap_used_bytes),
        _steal(facts.steal_percent),
        _huge_pages(facts.huge_pages),
        *([] if facts.numa_nodes < 2 else [_numa(facts.numa_balancing)]),
        _timers(facts.timers),
        _switch("power", facts.on_battery, "on battery, which lowers clock rates", "on mains", "plug the machine in"),
    ]


def _switch(name: str, on: bool | None, noisy: str, quiet: str, remedy: str) -> Line:
    if on is None:
        return _line(name, "unavailable", "this machine does not tell")
    return _line(name, "note", noisy, remedy) if on else _line(name, "ok", quiet)


def _governor(governors: list[str] | None) -> Line:
    if not governors:
        return _line("frequency governor", "unavailable", "no cpufreq: the clock rate is not this system's to set")
    if governors == ["performance"]:
        return _line("frequency governor", "ok", "performance")
    remedy = f"echo performance | sudo tee /{_CPU}/cpu*/cpufreq/scaling_governor"
    return _line("frequency governor", "note", f"{', '.join(governors)}: clock rates follow the load", remedy)


def _turbo(turbo: bool | None, switch: str | None) -> Line:
    value, _, path = (switch or "").partition(" ")
    noisy = "on: clock rates depend on temperature and on how many cores work"
    return _switch("turbo", turbo, noisy, "off", f"echo {value} | sudo tee {path}")


def _smt(smt: bool | None) -> Line:
    remedy = f"echo off | sudo tee /{_CPU}/smt/control"
    return _switch("SMT", smt, "threads of one core share its units", "each core runs one thread", remedy)


def _load(facts: NoiseFacts) -> Line:
    seen = f"{facts.busy_cpus:.2f} CPUs in use, load {facts.load:.2f}"
    if facts.busy_cpus <= _BUSY:
        return _line("other load", "ok", seen)
    by = f" ({', '.join(facts.busiest)})" if facts.busiest else ""
    return _line("other load", "note", seen + by, "end what need not run: ps -eo pid,pcpu,args --sort=-pcpu | head")


def _swap(used_bytes: int) -> Line:
    if used_bytes == 0:
        return _line("swap", "ok", "none in use")
    return _line("swap", "note", f"{used_bytes / 1e6:.0f} MB in use", "sudo swapoff -a (with enough free memory)")


def _steal(percent: float | None) -> Line:
    if percent is None:
        return _line("steal", "unavailable", "this machine does not tell")
    seen = f"{percent:.1f} % of the CPU time since the start went to other guests of the host"
    if percent <= _STEAL_PERCENT:
        return _line("steal", "ok", seen)
    return _line("steal", "note", seen, "only the host can change it: ask for dedicated CPUs, and measure more rounds")


def _huge_pages(mode: str | None) -> Line:
    if mode is None:
        return _line("transparent huge pages", "unavailable", "this kernel does not tell")
    if mode != "always":
        return _line("transparent huge pages", "ok", mode)
    remedy = "echo madvise | sudo tee /sys/kernel/mm/transparent_hugepage/enabled"
    return _line("transparent huge pages", "note", "always: when a page grows is a matter of chance", remedy)


def _numa(balancing: bool | None) -> Line:
    noisy = "on: the kernel moves memory between nodes while a launch runs"
    return _switch("NUMA balancing", balancing, noisy, "off", "sudo sysctl kernel.numa_balancing=0")


def _timers(timers: list[str] | None) -> Line:
    if timers is None:
        return _line("timers", "unavailable", "no systemd here; cron may start work of its own")
    if not timers:
        return _line("timers", "ok", "none that is known to work hard")
    seen = f"may start during a run: {', '.join(timers)}"
    return _line("timers", "note", seen, f"sudo systemctl stop {' '.join(timers)}")


def look(root: Path = Path("/")) -> NoiseFacts:
    """Look at the machine, its kernel's files below `root`; takes half a second and needs no rights."""
    turbo, switch = _turbo_state(root)
    busy, busiest = _load_by_others()
    balancing = _text(root / "proc/sys/kernel/numa_balancing")
    governors = {_text(path) for path in root.glob(f"{_CPU}/cpu*/cpufreq/scaling_governor")}
    modes = _text(root / "sys/kernel/mm/transparent_hugepage/enabled")
    return NoiseFacts(
        governors=sorted(filter(None, governors)),
        turbo=turbo,
        turbo_switch=switch,
        smt={"1": True, "0": False}.get(_text(root / _CPU / "smt/active") or ""),
        load=psutil.getloadavg()[0],
        busy_cpus=busy,
        busiest=busiest,
        swap_used_bytes=psutil.swap_memory().used,
        steal_percent=steal_percent(_text(root / "proc/stat")),
        huge_pages=modes.partition("[")[2].partition("]")[0] or None if modes else None,
        numa_nodes=len(list(root.glob("sys/devices/system/node/node[0-9]*"))),
        numa_balancing=None if balancing is None else balancing != "0",
        timers=_systemd_timers() if (root / "run/systemd/system").is_dir() else None,
        on_battery=_on_battery(),
    )


def _text(path: Path) -> str | None:
    try:
        return path.read_text().strip()
    except OSError:
        return None


def _turbo_state(root: Path) -> tuple[bool | None, str | None]:
    """Whether turbo is on, and how to turn it off: two drivers have opposite switches."""
    for name, on, off in (("intel_pstate/no_turbo", "0", "1"), ("cpufreq/boost", "1", "0")):
        if (value := _text(root / _CPU / name)) is not None:
            return value == on, f"{off} /{_CPU}/{name}"
    return None, None


def _load_by_others() -> tuple[float, list[str]]:
    processes = list(psutil.process_iter(["name"]))
    for process in processes:
        with suppress(psutil.Error):
            process.cpu_percent()  # the first call only sets the mark
    busy = psutil.cpu_percent(interval=_SECONDS) / 100 * (psutil.cpu_count() or 1)
    used: list[tuple[float, str]] = []
    for process in processes:
        with suppress(psutil.Error):
            used.append((process.cpu_percent() / 100, str(process.info["name"])))
    return busy, [f"{name} {share:.2f}" for share, name in sorted(used, reverse=True)[:3] if share > _BUSY / 2]


def steal_percent(stat: str | None) -> float | None:
    """Steal's share of all CPU time by the first line of /proc/stat; None if it is not there."""
    fields = (stat or "").partition("\n")[0].split()
    if len(fields) < 9 or fields[0] != "cpu":
        return None
    times = [int(field) for field in fields[1:9]]  # guests' time, which follows, is in user's already
    return 100 * times[7] / sum(times) if sum(times) else None


def _systemd_timers() -> list[str] | None:
    line = ["systemctl", "list-timers", "--no-pager", "--output=json"]
    try:
        done = subprocess.run(line, capture_output=True, text=True, timeout=10, check=True)
        return heavy_timers([str(timer["unit"]) for timer in json.loads(done.stdout)])
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError):
        return None


def heavy_timers(units: list[str]) -> list[str]:
    """Those timers that are known to work hard."""
    return sorted(unit for unit in units if unit.startswith(_HEAVY))


def _on_battery() -> bool | None:
    battery = psutil.sensors_battery()
    return None if battery is None else battery.power_plugged is False
