"""A Debian of a test's own, with systemd and control groups of version 2, in QEMU by emulation: slow, without KVM."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from pathlib import Path

_PACKAGES = [
    *("linux-image-amd64", "systemd-sysv", "systemd-resolved", "dbus-user-session", "libpam-systemd", "udev", "kmod"),
    *("openssh-server", "iproute2", "procps"),
]
_NETWORK = "[Match]\nName=en* eth*\n[Network]\nDHCP=yes\n"
_HOOKS = [
    'mkdir -p "$1/root/.ssh" "$1/etc/systemd/network"',
    'cp {folder}/key.pub "$1/root/.ssh/authorized_keys"',
    'cp {folder}/20-all.network "$1/etc/systemd/network/"',
    'chroot "$1" systemctl enable systemd-networkd ssh',
    'chroot "$1" useradd --create-home --shell /bin/bash user',
    'cp -r "$1/root/.ssh" "$1/home/user/.ssh" && chroot "$1" chown -R user:user /home/user/.ssh',
]


class Machine:
    """A virtual machine with two CPUs, that root and `user` enter by SSH; `packages` are installed in it."""

    def __init__(self, folder: Path, release: str, packages: list[str]) -> None:
        self.folder = folder
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / "key"], check=True)
        (folder / "20-all.network").write_text(_NETWORK)
        root = folder / "root"
        hooks = [f"--customize-hook={hook.replace('{folder}', str(folder))}" for hook in _HOOKS]
        include = f"--include={','.join([*_PACKAGES, *packages])}"
        subprocess.run(["mmdebstrap", "--quiet", "--variant=minbase", include, *hooks, release, root], check=True)
        (self.kernel,) = (root / "boot").glob("vmlinuz-*")
        (self.initrd,) = (root / "boot").glob("initrd.img-*")
        self.disk = folder / "disk.img"
        with self.disk.open("wb") as file:
            file.truncate(20 * 2**30)
        subprocess.run(["mke2fs", "-q", "-t", "ext4", "-d", root, self.disk], check=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self._ways: list[subprocess.Popen[bytes]] = []
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Switch it on and wait until it lets people in; a minute or two."""
        line = [
            *("qemu-system-x86_64", "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2", "-m", "6G"),
            *("-kernel", str(self.kernel), "-initrd", str(self.initrd)),
            *("-append", "root=/dev/vda rw console=ttyS0 quiet"),
            *("-drive", f"file={self.disk},if=virtio,format=raw,cache=unsafe"),
            *("-nic", f"user,model=virtio-net-pci,hostfwd=tcp:127.0.0.1:{self.port}-:22"),
            *("-display", "none", "-monitor", "none", "-serial", f"file:{self.folder}/console"),
        ]
        with (self.folder / "log").open("wb") as output:
            self._process = subprocess.Popen(line, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        deadline = time.monotonic() + 600
        while self.run("true", check=False).returncode != 0:
            assert self._process.poll() is None, (self.folder / "log").read_text()
            assert time.monotonic() < deadline, (self.folder / "console").read_text(errors="replace")[-2000:]
            time.sleep(2)

    def run(self, script: str, *, user: str = "root", check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a shell's script in it, as one who logs in."""
        line = ["ssh", *self._options(), f"{user}@127.0.0.1", script]
        done = subprocess.run(line, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600, check=False)
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def way(self, socket_there: str) -> str:
        """A way to one of its sockets: the address of one on this machine that leads there."""
        here = self.folder / f"way-{len(self._ways)}"
        line = ["ssh", *self._options(), "-N", "-L", f"{here}:{socket_there}", "root@127.0.0.1"]
        self._ways.append(subprocess.Popen(line, stdin=subprocess.DEVNULL))
        deadline = time.monotonic() + 60
        while not here.exists():
            assert time.monotonic() < deadline
            time.sleep(0.2)
        return f"unix://{here}"

    def remove(self) -> None:
        """Switch it off, as by its plug. Its files stay in its folder."""
        for process in [*self._ways, self._process]:
            if process is not None:
                process.kill()
                process.wait()

    def _options(self) -> list[str]:
        known = f"UserKnownHostsFile={os.devnull}"
        quiet = ["-q", "-o", "StrictHostKeyChecking=no", "-o", known, "-o", "ConnectTimeout=20"]
        return [*quiet, "-i", str(self.folder / "key"), "-p", str(self.port)]
