"""Where a launch mounts the user's model."""

from pathlib import Path

MOUNTED = Path("/opt/threadmark/model")


COMPLETE = "complete"  # the last file that is put there
