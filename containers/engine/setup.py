"""A container engine on a bare machine: find one, else install and start Debian's.

Root on Debian or Ubuntu gets the distribution's docker.io and mmdebstrap, and a daemon that needs no
systemd. Anyone else is told what to install or start. A daemon that runs is never touched.
"""

import os
import shutil
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from containers.engine.connection import connect, describe
from containers.notices import say
from workloads.vocabulary.errors import EngineError

PID_FILE = Path("/var/run/docker.pid")
LOG_FILE = Path("/var/log/threadmark-dockerd.log")

_START_S = 60.0  # 2 s on two CPUs; containerd, networks and storage come first
_APT_S = 1800.0  # 9 s with a near mirror

# Daemons lie in sbin, and so does the iptables that dockerd calls; a user's PATH may lack both.
_PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/local/sbin", "/usr/sbin", "/sbin"])


def set_up() -> None:
    """See to it that an engine answers and, where that is up to us, that a base can be bootstrapped."""
    try:
        client = connect()
    except EngineError as absent:
        if os.environ.get("DOCKER_HOST"):
            raise  # someone chose an engine; another one would not be what was asked for
        provide_daemon(absent=absent, os_release=Path("/etc/os-release"))
        client = connect()
    seen = describe(client)
    client.close()
    say(f"container engine: {seen['name']} {seen['version']}, API {seen['api']}, cgroup {seen['cgroup']}")
    if shutil.which("mmdebstrap", path=_PATH) is None and os.geteuid() == 0 and is_debian(Path("/etc/os-release")):
        # Ubuntu has no keys of Debian's archive by default.
        install(["mmdebstrap", "debian-archive-keyring"])


def provide_daemon(*, absent: EngineError, os_release: Path) -> None:
    """Install docker.io if there is no dockerd, and start it. Raises EngineError where that is not up to us."""
    if os.geteuid() != 0:
        raise absent
    if shutil.which("dockerd", path=_PATH) is None:
        if not is_debian(os_release):
            raise EngineError(
                "no container engine found, and this is neither Debian nor Ubuntu, where one would be installed now",
                "install Docker or Podman with this distribution's tools, start it, and run again",
            )
        install(["docker.io", "mmdebstrap", "debian-archive-keyring"])
    if Path("/run/systemd/system").is_dir():
        say("starting docker with systemctl ...")
        _run(["systemctl", "start", "docker"], failing="docker cannot be started")
        return
    if running_daemon(PID_FILE) is not None or starting_daemons():
        say("a dockerd is starting already; waiting for it ...")
        _wait(None, log=LOG_FILE, host="unix:///var/run/docker.sock")
    else:
        start_daemon(["dockerd"], pid_file=PID_FILE, log=LOG_FILE, host="unix:///var/run/docker.sock")


def is_debian(os_release: Path) -> bool:
    """True on Debian and Ubuntu, by the ID in os-release."""
    try:
        lines = os_release.read_text().splitlines()
    except OSError:
        return False
    return any(line.removeprefix("ID=").strip('"') in {"debian", "ubuntu"} for line in lines if line.startswith("ID="))


def install(packages: list[str]) -> None:
    """Install packages of the distribution. Raises EngineError with apt's last words."""
    say(f"installing {', '.join(packages)} with apt-get ...")
    # An unreachable third-party source fails the update, and need not fail what follows.
    _apt(["update", "--quiet"], check=False)
    _apt(["install", "--yes", "--quiet", "--no-install-recommends", *packages], check=True)


def _apt(arguments: list[str], *, check: bool) -> None:
    _run(
        ["apt-get", "-o", "DPkg::Lock::Timeout=120", *arguments],
        failing=f"apt-get {arguments[0]} failed" if check else None,
    )


def _run(line: list[str], *, failing: str | None) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "PATH": _PATH}
    try:
        done = subprocess.run(
            line,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=_APT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise EngineError(f"`{' '.join(line)}` took more than {_APT_S:.0f} s", "run it by hand, then again") from error
    if done.returncode != 0 and failing is not None:
        raise EngineError(f"{failing} ({last_lines(done.stdout)})", f"run `{' '.join(line)}` by hand, then again")


def running_daemon(pid_file: Path) -> int | None:
    """The process id in a daemon's pid file if that process is a dockerd: one that died leaves its file behind."""
    try:
        pid = int(pid_file.read_text())
        return pid if Path(f"/proc/{pid}/comm").read_text().strip() == "dockerd" else None
    except (OSError, ValueError):
        return None


def starting_daemons() -> list[int]:
    """The process ids of every dockerd: the package's init script may have started one that has no pid file yet."""
    numbers = []
    for comm in Path("/proc").glob("[0-9]*/comm"):
        with suppress(OSError):  # a process that just ended
            if comm.read_text().strip() == "dockerd":
                numbers.append(int(comm.parent.name))
    return numbers


def start_daemon(line: list[str], *, pid_file: Path, log: Path, host: str) -> int:
    """Start a daemon that outlives this process, wait until it answers at `host`; returns its process id.

    Raises EngineError with the last lines of its log.
    """
    if running_daemon(pid_file) is None:
        pid_file.unlink(missing_ok=True)  # dockerd takes the number in it for a daemon that runs
    say(f"starting dockerd without systemd (log: {log}) ...")
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        process = subprocess.Popen(
            line,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            env={**os.environ, "PATH": _PATH},
            start_new_session=True,  # Ctrl-C at the terminal is not meant for it
        )
    _wait(process, log=log, host=host)
    process.returncode = 0  # it is to go on without us; Popen would warn of a child left behind
    return process.pid


def _wait(process: subprocess.Popen[bytes] | None, *, log: Path, host: str) -> None:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline and (process is None or process.poll() is None):
        try:
            connect(host).close()
        except EngineError:
            time.sleep(0.5)
        else:
            return
    if process is not None and process.poll() is None:
        process.terminate()  # ours, and of no use
        process.wait()
    said = last_lines(log.read_text(errors="replace") if log.exists() else "")
    raise EngineError(f"dockerd does not answer ({said})", f"see {log}, then run `dockerd` as root, and run again")


def last_lines(text: str) -> str:
    """The last three lines that say something, on one line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return " / ".join(lines[-3:]) or "it says nothing"
