"""Where a launch mounts the user's model."""

from __future__ import annotations

from pathlib import Path

MOUNTED = Path("/opt/threadmark/model")


COMPLETE = "complete"  # the last file that is put there
