"""A user's model that does not run: found at its first launches, which are no measurements of anything."""

from collections.abc import Sequence

from containers.launch.outcome import words_of
from workloads.vocabulary.errors import RunError
from workloads.vocabulary.plan import Cell
from workloads.vocabulary.record import Record, Status

# How a model's own mistake ends a launch. A time or memory limit may be the setting's, or the machine's.
_OWN = (Status.FAILED, Status.WRONG_OUTPUT)


def require_running(cell: Cell, records: Sequence[Record]) -> None:
    """Raise RunError, with the model's own words, if a user's model fails with the setting that all are compared with.

    The suite's own workloads run: what ends their launches is a setting, and a record.
    """
    if cell.model is None:
        return
    for record in records:
        if record.setting.id == cell.baseline and record.status in _OWN and record.failure is not None:
            raise RunError(
                f"the model of workload {cell.workload} does not run: {words_of(record.status, record.failure)}"
            )
