"""How many launches of a block, or instances of them, may be up at the same time, as far as memory goes."""

from pathlib import Path

# Of the largest one so far: another one may take a little more, and all of them a little more later.
RESERVE = 1.3
# Of one of which nothing is known: TensorFlow alone takes 0.4 GB.
TYPICAL_BYTES = 1 << 30


def room(largest_bytes: int, starting: int, available_bytes: int) -> bool:
    """Whether one more process may start beside those that are starting, of which memory has not seen much yet."""
    return RESERVE * (largest_bytes or TYPICAL_BYTES) * (starting + 1) <= available_bytes


def available_bytes(meminfo: Path = Path("/proc/meminfo")) -> int | None:
    """Memory of this machine that new programs can have without swapping; None if it does not tell."""
    try:
        for line in meminfo.read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) << 10  # the kernel counts in KiB
    except (OSError, ValueError, IndexError):
        pass
    return None
