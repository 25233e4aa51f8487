"""What else decides how fast a machine is, as reviewers ask for it (SPEC's and MLPerf's system descriptions).

Read from /proc and /sys. Serial numbers and other identifiers are not read; what a machine does not tell is left out.
"""

from pathlib import Path

import psutil

_CPU = "devices/system/cpu"


def disclosed(proc: Path = Path("/proc"), sys: Path = Path("/sys")) -> dict[str, str]:
    """Property -> value, both in words; only those that this machine tells."""
    cpuinfo = _first_processor(proc / "cpuinfo")
    firmware = [_text(sys / f"class/dmi/id/{name}") for name in ("bios_vendor", "bios_version", "bios_date")]
    product = [_text(sys / f"class/dmi/id/{name}") for name in ("sys_vendor", "product_name")]
    values = {
        "CPU family, model, stepping": _joined([cpuinfo.get(key, "") for key in ("cpu family", "model", "stepping")]),
        "microcode": cpuinfo.get("microcode", ""),
        "simultaneous multithreading": {"0": "off", "1": "on"}.get(_text(sys / _CPU / "smt/active"), ""),
        "frequency limits": _frequencies(sys / _CPU / "cpu0/cpufreq"),
        "turbo": {"0": "on", "1": "off"}.get(_text(sys / _CPU / "intel_pstate/no_turbo"), ""),
        "mitigations": _mitigations(sys / _CPU / "vulnerabilities"),
        "NUMA distances": _distances(sys / "devices/system/node"),
        "transparent huge pages": _chosen(_text(sys / "kernel/mm/transparent_hugepage/enabled")),
        "address space layout randomisation": _text(proc / "sys/kernel/randomize_va_space"),
        "clock source": _text(sys / "devices/system/clocksource/clocksource0/current_clocksource"),
        "product": _joined(product),
        "firmware": _joined(firmware),
        "swap": "none" if not psutil.swap_memory().total else f"{psutil.swap_memory().total / 1e9:.3g} GB",
    }
    return {name: value for name, value in values.items() if value}


def _first_processor(cpuinfo: Path) -> dict[str, str]:
    block = _text(cpuinfo).partition("\n\n")[0]
    pairs = [line.partition(":") for line in block.splitlines()]
    return {key.strip(): value.strip() for key, _, value in pairs}


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace").strip()
    except OSError:
        return ""


def _joined(words: list[str]) -> str:
    return ", ".join(word for word in words if word)


def _frequencies(folder: Path) -> str:
    low, high = (_text(folder / f"scaling_{end}_freq") for end in ("min", "max"))
    if not (low.isdecimal() and high.isdecimal()):
        return ""
    return f"{int(low) / 1e6:.3g} to {int(high) / 1e6:.3g} GHz"


def _mitigations(folder: Path) -> str:
    """Those that cost something, each by its first clause; and how many vulnerabilities the CPU does not have."""
    told = {path.name: _text(path) for path in sorted(folder.glob("*"))}
    active = [
        f"{name}: {text.removeprefix('Mitigation: ').partition(';')[0]}"
        for name, text in told.items()
        if text and text != "Not affected"
    ]
    unaffected = sum(text == "Not affected" for text in told.values())
    return _joined([*active, f"{unaffected} not affected"]) if told else ""


def _distances(folder: Path) -> str:
    nodes = sorted(folder.glob("node[0-9]*"), key=lambda path: int(path.name.removeprefix("node")))
    return "; ".join(_text(node / "distance") for node in nodes)


def _chosen(text: str) -> str:
    """Of `always [madvise] never`, what stands in brackets."""
    return text.partition("[")[2].partition("]")[0]
