"""What a machine discloses, on made-up trees of /proc and /sys."""

from __future__ import annotations

from pathlib import Path

from containers.host.disclosure import disclosed

CPUINFO = """processor\t: 0
cpu family\t: 25
model\t\t: 17
stepping\t: 1
microcode\t: 0xa101148

processor\t: 1
"""
TREE = {
    "proc/cpuinfo": CPUINFO,
    "proc/sys/kernel/randomize_va_space": "2\n",
    "sys/devices/system/cpu/smt/active": "1\n",
    "sys/devices/system/cpu/cpu0/cpufreq/scaling_min_freq": "1500000\n",
    "sys/devices/system/cpu/cpu0/cpufreq/scaling_max_freq": "3700000\n",
    "sys/devices/system/cpu/vulnerabilities/meltdown": "Not affected\n",
    "sys/devices/system/cpu/vulnerabilities/spectre_v2": "Mitigation: Retpolines; STIBP: disabled\n",
    "sys/devices/system/cpu/vulnerabilities/mds": "Vulnerable\n",
    "sys/devices/system/node/node0/distance": "10 21\n",
    "sys/devices/system/node/node1/distance": "21 10\n",
    "sys/kernel/mm/transparent_hugepage/enabled": "always [madvise] never\n",
    "sys/class/dmi/id/sys_vendor": "Maker\n",
    "sys/class/dmi/id/product_name": "Server 1\n",
    "sys/class/dmi/id/product_serial": "SECRET\n",
}


def test_what_reviewers_ask_for_is_read_and_no_serial_number(tmp_path: Path) -> None:
    for name, text in TREE.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    told = disclosed(tmp_path / "proc", tmp_path / "sys")
    assert told.pop("swap")
    assert told == {
        "CPU family, model, stepping": "25, 17, 1",
        "microcode": "0xa101148",
        "simultaneous multithreading": "on",
        "frequency limits": "1.5 to 3.7 GHz",
        "mitigations": "mds: Vulnerable, spectre_v2: Retpolines, 1 not affected",
        "NUMA distances": "10 21; 21 10",
        "transparent huge pages": "madvise",
        "address space layout randomisation": "2",
        "product": "Maker, Server 1",
    }


def test_a_machine_that_tells_nothing_has_nothing_but_its_swap(tmp_path: Path) -> None:
    assert set(disclosed(tmp_path, tmp_path)) == {"swap"}
