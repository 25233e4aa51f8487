"""Whether anything can be launched outside a container on this machine."""

import os
import shutil
import subprocess

_TOOLS = ("chroot", "mount", "tar", "taskset", "unshare")


_PRIVATE = ("unshare", "--mount", "--propagation", "private")


def obstacle() -> str | None:
    """Why nothing can be launched outside a container here, as a clause; None if it can."""
    if os.geteuid() != 0:
        return "only root can run an image's files without one"
    missing = [tool for tool in _TOOLS if shutil.which(tool) is None]
    if missing:
        return f"this machine has no {missing[0]}"
    host = os.environ.get("DOCKER_HOST", "unix://")
    if not host.startswith(("unix://", "http+unix://")):
        return f"the engine at {host} may be on another machine"
    tried = subprocess.run([*_PRIVATE, "true"], capture_output=True, text=True, check=False)
    return None if tried.returncode == 0 else f"root may not mount here ({tried.stderr.strip()})"
