"""Other programs on the same CPUs: what a setting is worth on a machine that is not its own."""

import signal
import subprocess
import sys

_BUSY = "import hashlib\nwhile True: hashlib.pbkdf2_hmac('sha256', b'co', b'runner', 100_000)"


class CoRunners:
    """Processes that keep a CPU busy each, and can be held still; they run from the start."""

    def __init__(self, number: int) -> None:
        self._running = [subprocess.Popen([sys.executable, "-S", "-E", "-c", _BUSY]) for _ in range(number)]

    def hold(self) -> None:
        """Stop them until `go`: another launch has its turn."""
        self._signal(signal.SIGSTOP)

    def go(self) -> None:
        """Let them run again."""
        self._signal(signal.SIGCONT)

    def end(self) -> None:
        """End them for good."""
        self._signal(signal.SIGKILL)
        for process in self._running:
            process.wait()

    def _signal(self, number: int) -> None:
        for process in self._running:
            process.send_signal(number)
