"""The lines for people around a run under Snakemake."""

import errno
import logging

import pytest
from snakemake.exceptions import WorkflowError

from containers.workflow import run


def test_a_full_disk_met_by_snakemake_itself_is_one_sentence(caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger("tests.full_disk")
    run.full_disk_in_one_sentence(logger)
    met = OSError(errno.ENOSPC, "No space left on device", "results/here/tables")
    logger.error(str(WorkflowError("Failed to create output directory results/here/tables.", met)))
    logger.error("Failed to create output directory %s.", "results/there")
    assert caplog.messages == [
        "threadmark: No space left on device (results/here/tables); free space, then run again",
        "Failed to create output directory results/there.",
    ]
