"""A base from Debian packages: one tar archive of a root file system, the same bytes for the same packages."""

import os
import shlex
import shutil
import subprocess
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

from containers.images.recipe import ROOT
from workloads.vocabulary.errors import ImageError

_TIMEOUT_S = 1200.0  # 35 s on two busy CPUs with a near mirror

# How the name of the temporary folder begins in which a base is put together: a kill leaves it behind.
SCRATCH = "threadmark-base-"

# The links that Debian's usrmerge package would make on a running system, made before anything is unpacked.
_MERGE_USR = (
    'mkdir -p "$1/usr/bin" "$1/usr/sbin" "$1/usr/lib" "$1/usr/lib64" && '
    'for each in bin sbin lib lib64; do ln -s "usr/$each" "$1/$each"; done'
)


@dataclass(frozen=True)
class Debian:
    """What a bootstrapped base is made of; see ``base/debian.toml``."""

    suite: str
    epoch: int  # seconds since 1970: the latest time that a file may carry
    packages: list[str]  # names and apt patterns
    exclude: list[str]  # paths that are left out of every package
    include: list[str]  # exceptions to `exclude`


def read_recipe(path: Path) -> Debian:
    """Read ``debian.toml``; raises ImageError if it cannot be read or says something else."""
    try:
        return Debian(**tomllib.loads(path.read_text()))
    except (OSError, TypeError, tomllib.TOMLDecodeError) as error:
        raise ImageError(f"{path} cannot be read ({error})", "restore it from the repository") from error


def mmdebstrap_command(recipe: Debian, *, clean: Path, target: Path) -> list[str]:
    """The command that makes `target`, a tar archive, from `recipe`."""
    return [
        "mmdebstrap",
        "--quiet",
        "--variant=custom",  # exactly the packages named, apt itself not among them
        "--architectures=amd64",
        *(f"--include={package}" for package in recipe.packages),
        *(f"--dpkgopt=path-exclude={path}" for path in recipe.exclude),
        *(f"--dpkgopt=path-include={path}" for path in recipe.include),
        '--aptopt=APT::Install-Recommends "false"',
        '--aptopt=Acquire::Languages "none"',
        '--aptopt=Acquire::Retries "3"',
        f"--setup-hook={_MERGE_USR}",
        f'--customize-hook=sh {shlex.quote(str(clean))} "$1"',
        recipe.suite,
        str(target),
    ]


def bootstrap(*, target: Path, root: Path = ROOT) -> None:
    """Write the base's root file system to `target`, a tar archive (100 MB, a minute, from the network).

    Raises ImageError: no mmdebstrap here, or it fails.
    """
    if shutil.which("mmdebstrap") is None:
        raise ImageError(
            "mmdebstrap is not installed, so no base can be bootstrapped",
            "install it (Debian, Ubuntu: "
            "apt-get install mmdebstrap), or set base_image: NAME@sha256:DIGEST to take a base from a registry",
        )
    folder = root / "containers" / "images" / "base"
    recipe = read_recipe(folder / "debian.toml")
    target.parent.mkdir(parents=True, exist_ok=True)
    command = mmdebstrap_command(recipe, clean=folder / "clean.sh", target=target)
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(recipe.epoch), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    with tempfile.TemporaryDirectory(prefix=SCRATCH, ignore_cleanup_errors=True) as scratch:
        # Where apt's own user cannot enter, apt fetches as root and leaves another owner in the base.
        Path(scratch).chmod(0o755)
        try:
            done = subprocess.run(
                command,
                env=environment | {"TMPDIR": scratch},
                capture_output=True,
                text=True,
                umask=0o022,
                timeout=_TIMEOUT_S,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise ImageError(
                f"mmdebstrap took more than {_TIMEOUT_S:.0f} s", "check the connection to Debian's mirror"
            ) from error
    if done.returncode != 0:
        raise ImageError(
            f"the base cannot be bootstrapped: {_reason(done.stderr)}",
            "check that Debian's mirror can be reached, "
            "or set base_image: NAME@sha256:DIGEST to take a base from a registry",
        )


def _reason(stderr: str) -> str:
    """The first error that apt or mmdebstrap states; later ones follow from it."""
    lines = [line for line in stderr.splitlines() if line.strip()]
    errors = [line.removeprefix("E: ") for line in lines if line.startswith("E: ")]
    return (errors or lines[-1:] or ["mmdebstrap says nothing"])[0]
