"""A launch's environment: explicit, whole, and of one size in every setting."""

from workloads.vocabulary.errors import RunError

# What environment and arguments together take up on the stack of every launch. The size of this block shifts the stack
# and so can bias timings (Mytkowicz et al., ASPLOS 2009, "Producing wrong data without doing anything obviously
# wrong!").
SIZE_BYTES = 4096

PADDING = "THREADMARK_PADDING"

BASE = {
    "HOME": "/tmp",  # the only place that can be written to
    "HOSTNAME": "threadmark",  # engines set it; named here so that it is the same everywhere
    "LANG": "C.UTF-8",
    "OPENBLAS_NUM_THREADS": "1",  # NumPy's own pool, which TensorFlow does not use: its spinning threads cost seconds
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "PWD": "/opt/threadmark/suite",  # shells set it; named here so that it is the same everywhere
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",  # the same order of sets in every launch
    "PYTHONUNBUFFERED": "1",  # a launch that is killed still shows its last words
    "PYTHONPATH": "/opt/threadmark/suite:/opt/threadmark/site",
}


def padded(setting: dict[str, str], command: list[str]) -> dict[str, str]:
    """The environment of a launch: BASE, the setting's variables, and padding.

    Raises RunError if the setting leaves no room for the padding.
    """
    environment = BASE | setting
    used = _size(environment) + sum(len(word.encode()) + 1 for word in command) + len(PADDING) + len("=\0")
    if used > SIZE_BYTES:
        raise RunError(
            f"environment and command take {used} bytes, more than the {SIZE_BYTES} that every launch is padded to",
            "shorten the workload's params or raise containers.engine.environment.SIZE_BYTES",
        )
    return environment | {PADDING: "x" * (SIZE_BYTES - used)}


def _size(environment: dict[str, str]) -> int:
    return sum(len(f"{name}={value}".encode()) + 1 for name, value in environment.items())
