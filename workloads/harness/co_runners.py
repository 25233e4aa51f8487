"""Other programs on the same CPUs: what a setting is worth on a machine that is not its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_BUSY = "import hashlib\nwhile True: hashlib.pbkdf2_hmac('sha256', b'co', b'runner', 100_000)"


@contextmanager
def co_runners(number: int) -> Iterator[None]:
    """Keep `number` processes busy on the CPUs of this container, one CPU's worth each, until the block ends."""
    running = [subprocess.Popen([sys.executable, "-S", "-E", "-c", _BUSY]) for _ in range(number)]
    try:
        yield
    finally:
        for process in running:
            process.kill()
            process.wait()
