"""The canary of a round: a container on all CPUs that ticks when told to (workloads.harness.canary)."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from docker.errors import ImageNotFound
from docker.models.containers import Container

from containers.engine import connection as engine
from containers.engine.container import RESTRICTIONS, fleeting, given, started
from containers.engine.environment import BASE
from containers.engine.labels import LAUNCH
from containers.launch.channel import Channel, NonsenseError
from containers.launch.in_container import gone
from workloads.vocabulary.errors import EngineError, EngineGoneError
from workloads.vocabulary.protocol import Answer, Order, Ready, Ticked
from workloads.vocabulary.record import ImageIdentity

_DOING = "taking the canary"
_MEMORY_BYTES = 256 << 20  # Python and a thread for each CPU
_PIDS = 4096
_WITHIN_S = 60.0  # its start takes less than a second, a tick a few milliseconds


class Canary:
    """A canary that has been started."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    def wait_until_ready(self) -> None:
        """Wait for it. Raises EngineError."""
        if not isinstance(self._answer(), Ready):
            raise EngineError("the canary did not start", "see the engine's log")

    def tick(self) -> Ticked:
        """What the machine gives at this moment. Raises EngineError where there is no canary any more."""
        self._channel.order(Order("tick"))
        answer = self._answer()
        if not isinstance(answer, Ticked):
            raise EngineGoneError("the canary of this round is gone")
        return answer

    def _answer(self) -> Answer | None:
        try:
            return self._channel.answer(_WITHIN_S)
        except (TimeoutError, NonsenseError) as error:
            raise EngineGoneError(f"the canary of this round does not answer ({error})") from error


@contextmanager
def canary(client: engine.Client, image: ImageIdentity, cpus: list[int], seconds: float) -> Iterator[Canary]:
    """A canary that goes when its block ends; each tick takes about so many seconds.

    Raises EngineError, and RunError if the image is gone.
    """

    def create() -> Container:
        return client.containers.create(
            image.id,
            ["python3", "-m", "workloads.harness.canary", f"{seconds:g}"],
            entrypoint=[],
            stdin_open=True,
            environment=BASE,
            labels=LAUNCH,
            mem_limit=_MEMORY_BYTES,
            pids_limit=_PIDS,
            **given(client, ",".join(str(cpu) for cpu in cpus), None, gpu=False),
            **RESTRICTIONS,
        )

    with engine.engine_errors(_DOING), ExitStack() as streams:
        channels: list[Channel] = []

        def start() -> Container:
            container, stream = started(client, create)
            streams.callback(stream.close)
            channels.append(Channel(stream))
            return container

        try:
            with fleeting(start):
                yield Canary(channels[0])
        except ImageNotFound:
            raise gone(image) from None
