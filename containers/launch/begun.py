"""A launch under way: it is asked for its turns one by one, and may end at any of them.

Its own time is bounded, not the time in which others have their turns: from its start until it is ready, in each of its
slices, and from the last order to its end.
"""

import json
import signal
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from containers.launch.channel import Channel, NonsenseError
from containers.launch.outcome import Ending
from containers.launch.prepared import Launch
from workloads.vocabulary.errors import EngineGoneError
from workloads.vocabulary.protocol import ORPHANED, Answer, Ended, Finished, Order, Ready, Sliced

# From a process's last word to its end, and from a kill to it: both take milliseconds.
END_S = 30.0
_KILLED = 128 + signal.SIGKILL
_LET_GO = "the container engine let go of a launch that it was asked to listen to"


@dataclass(frozen=True)
class ProcessEnd:
    """How a launch's first process ended, as whoever started it saw it."""

    exit_code: int  # 128 + n where signal n ended it
    out_of_memory: bool
    stderr: bytes  # its last lines
    life_s: float  # from its start to its end


class Process(Protocol):
    """The first process of a launch, in a container or outside one."""

    channel: Channel

    def kill(self) -> None:
        """End it, and all that it started."""

    def end(self, within_s: float) -> ProcessEnd:
        """How it ended. Raises EngineGoneError where that cannot be told, and TimeoutError where it goes on."""

    def remove(self) -> None:
        """Leave nothing of it behind, whether it goes on or not."""


class Begun:
    """A launch from its start to its end, which is None until then."""

    def __init__(self, launch: Launch, timeout_s: float) -> None:
        """Its process is to be given at once, or `refused` to be called."""
        self.launch = launch
        self.ending: Ending | None = None
        self.started_at = datetime.now(UTC).isoformat(timespec="milliseconds")
        self.peak_rss_bytes = 0
        self.life_s = 0.0
        self.wall_s = 0.0
        self._process: Process | None = None
        self._started = time.monotonic()
        self._left_s = timeout_s

    @property
    def since_start_s(self) -> float:
        """Seconds since it was started."""
        return time.monotonic() - self._started

    def refused(self, words: str) -> None:
        """The engine has no such device."""
        self._end(Ending(None, False, False, words, None, None, b""))

    def given(self, process: Process) -> None:
        """Its process has been started."""
        self._process = process

    def wait_until_ready(self) -> bool:
        """Whether it came to be ready for its first turn."""
        answer = self._ask(None, Ready)
        if isinstance(answer, Ready):
            self.peak_rss_bytes = answer.peak_rss_bytes
        return self.ending is None

    def slice(self) -> Sliced | None:
        """One turn; None where it has ended instead."""
        answer = self._ask(Order("slice"), Sliced)
        return answer if isinstance(answer, Sliced) else None

    def finish(self) -> None:
        """Ask for its measurement, and see it end."""
        answer = self._ask(Order("end"), Finished)
        if isinstance(answer, Finished):
            self._collect(None, json.dumps(answer.measurement).encode())

    def remove(self) -> None:
        """Leave nothing of it behind; its wall time ends here."""
        if self._process is not None:
            self._process.remove()
        if not self.wall_s:
            self.wall_s = self.since_start_s

    def _ask(self, order: Order | None, wanted: type[Answer]) -> Answer | None:
        """The answer to an order; None where there was none, and then it has ended."""
        if self.ending is not None or self._process is None:
            return None
        asked = time.monotonic()
        try:
            if order is not None:
                self._process.channel.order(order)
            answer = self._process.channel.answer(self._left_s)
        except TimeoutError:
            self._kill(timed_out=True)
            return None
        except NonsenseError as nonsense:
            self._kill(nonsense=str(nonsense))
            return None
        finally:
            self._left_s -= time.monotonic() - asked
        if isinstance(answer, wanted):
            return answer
        if answer is None or isinstance(answer, Ended):
            self._collect(answer)
        else:
            self._kill(nonsense=answer.answer)
        return None

    def _kill(self, *, timed_out: bool = False, nonsense: str | None = None) -> None:
        assert self._process is not None
        self._process.kill()
        end = self._process.end(END_S)
        self._end(Ending(end.exit_code, False, timed_out, None, None, nonsense, end.stderr), end.life_s)

    def _collect(self, told: Ended | None, measurement: bytes | None = None) -> None:
        """It ended, or is about to; `told` is its supervisor's word, which knows more than every engine does."""
        assert self._process is not None
        is_last_word = told is not None or measurement is not None
        try:
            end = self._process.end(END_S)
        except TimeoutError:
            if not is_last_word:
                raise EngineGoneError(_LET_GO) from None
            self._kill(timed_out=True)
            return
        if not is_last_word and end.exit_code == ORPHANED:
            raise EngineGoneError(_LET_GO)
        memory = end.out_of_memory or (told is not None and told.out_of_memory)
        nonsense = None if told is None else told.nonsense
        # The kernel lets no process of a container end its first one, whose last word would have told of another end.
        killed = self.launch.container and not is_last_word and not memory and end.exit_code == _KILLED
        self._end(Ending(end.exit_code, memory, False, None, measurement, nonsense, end.stderr, killed), end.life_s)

    def _end(self, ending: Ending, life_s: float = 0.0) -> None:
        self.ending, self.life_s = ending, life_s
        self.remove()
