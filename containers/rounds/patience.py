"""An engine that goes away in the middle of a round: wait for it, for a while, and carry on where the round stopped.

A restart of the daemon ends what runs in it. The launch that was under way gave no record and is made anew; whatever
it would have measured, nobody has seen it.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from containers.engine import connection as engine
from containers.engine.leftovers import remove_leftovers
from workloads.vocabulary.errors import EngineError, EngineGoneError

WAIT_S = 120.0  # a restart takes seconds, an update of the engine's package a minute
PAUSE_S = 1.0

# How often in a row an engine may go away before it is the launch that is suspected.
MOST_LOSSES = 3


@dataclass
class Patience:
    """What a round does when its engine does not answer."""

    tell: Callable[[str], None]
    wait_s: float = WAIT_S
    losses: int = 0  # in a row, without a record between them

    def connect(self) -> engine.Client:
        """The engine, with nothing in it that a stopped run left behind. Raises EngineError: none, for so long."""
        begun, waiting = time.monotonic(), False
        while True:
            try:
                client = engine.connect()
                remove_leftovers(client)
            except EngineError as error:
                if time.monotonic() - begun >= self.wait_s:
                    raise EngineError(
                        f"{error.what} (waited for {self.wait_s:g} s; the launches so far are kept, run again to carry"
                        " on)",
                        error.remedy,
                    ) from error
                if not waiting:
                    self.tell(f"{error}; waiting up to {self.wait_s:g} s for it ...")
                    waiting = True
                time.sleep(PAUSE_S)
            else:
                if waiting:
                    self.tell(f"the container engine answers after {time.monotonic() - begun:.0f} s; carrying on")
                return client

    def outlast(self, error: EngineError, client: engine.Client) -> engine.Client:
        """The engine once it is back, after a launch that it did not bring to its end.

        Raises EngineError: it is there and refuses, it stays away, or it goes away at every attempt.
        """
        if not isinstance(error, EngineGoneError) and engine.answers(client):
            raise error
        client.close()
        self.losses += 1
        if self.losses > MOST_LOSSES:
            raise EngineError(
                f"{error.what} ({self.losses} times in a row in this launch)", "see the engine's log, then run again"
            ) from error
        return self.connect()

    def recorded(self) -> None:
        """A launch came to its record."""
        self.losses = 0
