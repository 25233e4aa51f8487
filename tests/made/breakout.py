"""What a hostile program tries from inside a container; what it found out is one line of JSON.

Run as a script it prints the line on standard output; as a user's model (`build_model`), on standard error. Standard
library only: it runs where tests do not.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import platform
import re
import socket
import stat
import sys
from pathlib import Path
from typing import Any

# Numbers on x86-64. Each is called with arguments that the kernel would refuse in another way than "not permitted".
_CALLS: dict[str, tuple[int, ...]] = {
    "unshare": (272, 0x10000000),  # a user namespace of its own
    "setns": (308, -1, 0),
    "mount": (165, 0, 0, 0, 0, 0),
    "umount2": (166, 0, 0),
    "pivot_root": (155, 0, 0),
    "chroot": (161, 0),
    "open_by_handle_at": (304, -1, 0, 0),
    "add_key": (248, 0, 0, 0, 0, 0),
    "keyctl": (250, 0, -2, 0),
    "request_key": (249, 0, 0, 0, 0),
    "bpf": (321, 0, 0, 0),
    "perf_event_open": (298, 0, 0, -1, -1, 0),
    "userfaultfd": (323, 0),
    "kexec_load": (246, 0, 0, 0, 0),
    "init_module": (175, 0, 0, 0),
    "finit_module": (313, -1, 0, 0),
    "reboot": (169, 0, 0, 0, 0),
    "swapon": (167, 0, 0),
    "settimeofday": (164, 1, 0),
    "clock_settime": (227, 0, 0),
    "sethostname": (170, 0, 1),
    "acct": (163, 1),
    "iopl": (172, 3),
    "syslog": (103, 5, 0, 0),
}

_OF_THE_HOST = [
    "/proc/sysrq-trigger",
    "/proc/sys/kernel/core_pattern",
    "/proc/sys/vm/drop_caches",
    "/sys/fs/cgroup/release_agent",
    "/sys/fs/cgroup/memory/memory.limit_in_bytes",
    "/sys/fs/cgroup/memory.max",
    "/sys/fs/cgroup/cgroup.procs",
    "/dev/mem",
    "/dev/kmsg",
]

_MOST_BYTES = 400 << 20


def report() -> dict[str, Any]:
    """All attempts, and what came of each."""
    status = dict(re.findall(r"^(\w+):\s*(.*)$", Path("/proc/self/status").read_text(), re.MULTILINE))
    written, sockets, changeable = walk()
    return {
        "uid": os.getresuid(),
        "gid": os.getresgid(),
        "groups": os.getgroups(),
        "to_root": {name: outcome(attempt) for name, attempt in _TO_ROOT.items()},
        "rights": {key: int(value, 16) for key, value in status.items() if key.startswith("Cap")},
        "no_new_privileges": status["NoNewPrivs"],
        "seccomp": status["Seccomp"],
        "calls": {name: call(*arguments) for name, arguments in _CALLS.items()} if _X86 else {},
        "interfaces": re.findall(r"^\s*([^:\s]+):", Path("/proc/net/dev").read_text(), re.MULTILINE),
        "network": {address: connect(address) for address in ("192.0.2.1", "169.254.169.254", "example.org")},
        "written": {place: fill(place) for place in written},
        "sockets": sockets,
        "changeable": changeable,
        "host_files": [path for path in _OF_THE_HOST if outcome(lambda path=path: open_for_writing(path)) == "done"],
        "devices": devices(),
        "mounts": [line.split()[3:5] for line in Path("/proc/self/mountinfo").read_text().splitlines()],
        "environments": environments(),
        "processes": len(list(Path("/proc").glob("[0-9]*"))),
        "forked": forks(),
    }


_X86 = platform.machine() == "x86_64"
_TO_ROOT = {
    "setuid": lambda: os.setuid(0),
    "setgid": lambda: os.setgid(0),
    "setgroups": lambda: os.setgroups([0]),
    "chown": lambda: os.chown("/tmp", 0, 0),
    "disk": lambda: os.mknod("/tmp/disk", stat.S_IFBLK | 0o600, os.makedev(8, 0)),
    "nice": lambda: os.nice(-5),
}


def outcome(attempt: Any) -> str:
    """`done`, or the name of the error."""
    try:
        attempt()
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, str(error))
    return "done"


def call(number: int, *arguments: int) -> str:
    """A system call by its number: `done`, or the name of the error."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(ctypes.c_long(number), *(ctypes.c_long(argument) for argument in arguments)) >= 0:
        return "done"
    return errno.errorcode[ctypes.get_errno()]


def connect(address: str) -> str:
    """`done` if a machine outside can be reached."""
    try:
        socket.create_connection((address, 80), 3).close()
    except OSError as error:
        return str(error)
    return "done"


def walk() -> tuple[list[str], list[str], list[str]]:
    """Folders that take a new file, sockets, and files of the image that can be written to."""
    written, sockets, changeable = [], [], []
    for folder, inner, files in os.walk("/"):
        if folder == "/":
            inner.remove("proc")
        if os.access(folder, os.W_OK) and outcome(lambda folder=folder: open_for_writing(f"{folder}/x")) == "done":
            written.append(folder)
        for name in files:
            path = f"{folder}/{name}".replace("//", "/")
            mode = os.lstat(path).st_mode
            if stat.S_ISSOCK(mode):
                sockets.append(path)
            elif stat.S_ISREG(mode) and not path.endswith("/x") and os.access(path, os.W_OK):
                changeable.append(path)
    return written, sockets, changeable


def open_for_writing(path: str) -> None:
    """Raises OSError if that is refused."""
    with open(path, "ab"):
        pass


def fill(place: str) -> int:
    """How many bytes a folder takes, up to the most that is tried; it is empty again afterwards."""
    path, block, taken = f"{place}/x", b"x" * (1 << 20), 0
    try:
        with open(path, "wb", buffering=0) as file:
            while taken < _MOST_BYTES:
                taken += file.write(block)
    except OSError:
        pass
    finally:
        os.unlink(path)
    return taken


def devices() -> list[str]:
    """Block devices that can be seen, and character devices that are no part of every container."""
    usual = {"console", "full", "null", "ptmx", "random", "tty", "urandom", "zero"}
    results = []
    for path in Path("/dev").rglob("*"):
        mode = path.lstat().st_mode
        if stat.S_ISBLK(mode) or (stat.S_ISCHR(mode) and path.name not in usual and path.parent.name != "pts"):
            results.append(str(path))
    return results


def environments() -> list[str]:
    """The environment of every process that can be read, the first one's among them."""
    results = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            results.append(path.read_text(errors="replace"))
        except OSError:
            continue
    return results


def forks() -> int:
    """How many processes can be started beside this one, up to 2000; all are ended again."""
    children: list[int] = []
    reading, writing = os.pipe()
    try:
        while len(children) < 2000:
            child = os.fork()
            if child == 0:
                os.close(writing)
                os.read(reading, 1)  # until the parent lets go
                os._exit(0)
            children.append(child)
    except OSError:
        pass
    os.close(writing)
    for child in children:
        os.waitpid(child, 0)
    return len(children)


def build_model(batch: int) -> Any:
    """The same from a user's model: it runs where the model is loaded."""
    print(json.dumps(report()), file=sys.stderr, flush=True)
    return (lambda x: x), ([1.0] * batch,)


if __name__ == "__main__":
    print(json.dumps(report()))
