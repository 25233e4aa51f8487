"""A record as a row of launches.parquet is made from it."""

from dataclasses import dataclass

from analysis.records.folder import Line
from analysis.tables.timed_slices import sound_samples
from workloads.vocabulary.record import Measurement, Record, Status

_UNSOUND = "its times are not all positive numbers"


@dataclass(frozen=True)
class Launch:
    """A record as a row is made from it."""

    line: Line
    measurement: Measurement | None  # None where the record has none, or none whose times can be believed
    samples: list[float]  # seconds a call, in the slices that count
    unsound: str = ""  # why its times cannot be believed

    @property
    def record(self) -> Record:
        """The record itself."""
        return self.line.record

    @property
    def status(self) -> Status:
        """The record's status; no_record where it says ok and its times cannot be believed."""
        believed = self.measurement is not None or self.record.status is not Status.OK
        return self.record.status if believed else Status.NO_RECORD

    @property
    def message(self) -> str | None:
        """Why there is no valid measurement."""
        if self.record.failure is not None:
            return self.record.failure.message
        return None if self.measurement else self.unsound

    @property
    def last_stderr(self) -> str | None:
        """The last line that a failed launch wrote."""
        failure = self.record.failure
        return failure.stderr[-1] if failure and failure.stderr else None


def launch_of(line: Line, wrong: str = "") -> Launch:
    """A record's launch; `wrong`: why the record does not count, if it does not."""
    samples = sound_samples(line.record)
    reason = wrong if samples else _UNSOUND
    return Launch(line, line.record.measurement, samples) if not reason else Launch(line, None, [], reason)


def asked_threads(record: Record, pool: str) -> int | None:
    """Threads that TensorFlow should give `pool` ("intra" or "inter"), by its rules (docs/method.md#thread-pools).

    The API's value (> 0) beats the environment's, which beats the default: the CPUs of the affinity mask. Instances
    have pools of their own, which are counted together; the CPUs are divided among them.
    None if the default counts and the mask was not seen.
    """
    api = record.case.intra_op if pool == "intra" else record.case.inter_op
    if api is not None and api > 0:
        return api * record.case.instances
    text = record.environment.get(f"TF_NUM_{pool.upper()}OP_THREADS", "")
    if text.isdecimal() and int(text) > 0:
        return int(text) * record.case.instances
    return len(record.measurement.observed.cpus) if record.measurement else None
