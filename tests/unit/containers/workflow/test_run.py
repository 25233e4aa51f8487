"""The lines for people around a run under Snakemake."""

import errno
import logging
import os

import pytest
from snakemake.exceptions import WorkflowError

from containers.workflow import run


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS])
def test_a_folder_that_snakemake_cannot_make_is_one_sentence(number: int, caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger(f"tests.unmade_folder.{number}")
    run.unmade_folder_in_one_sentence(logger)
    met = OSError(number, os.strerror(number), "results/here/tables")
    logger.error(str(WorkflowError("Failed to create output directory results/here/tables.", met)))
    logger.error("Failed for another reason: %s", met)
    assert caplog.messages == [
        f"threadmark: {os.strerror(number)} (results/here/tables); free space or permissions, then run again",
        f"Failed for another reason: {met}",
    ]
