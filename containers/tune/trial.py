"""One launch of a model in the defaults, before anything is planned: whether it runs, and how long that takes."""

import statistics
from contextlib import ExitStack
from dataclasses import dataclass, replace

from containers.engine import connection as engine
from containers.host.machine import this_host
from containers.images.build import provide as provide_image
from containers.images.recipe import Recipe
from containers.launch import in_container
from containers.launch.begun import Begun
from containers.launch.outcome import judge, words_of
from containers.launch.prepared import prepare
from containers.launch.volumes import provide as provide_model
from containers.machine_lock import alone
from containers.notices import say
from containers.plan.config import Config
from containers.plan.make import contexts_of, make_plan
from workloads.vocabulary.errors import RunError
from workloads.vocabulary.plan import Cell, baseline_of, image_of
from workloads.vocabulary.record import Measurement, Status

_TURNS = 2


@dataclass(frozen=True)
class Tried:
    """What a launch of the model showed."""

    start_s: float  # from its start to its first turn
    measurement: Measurement
    content: str  # identity of the model and its inputs

    @property
    def call_s(self) -> float:
        """What a call takes, typically."""
        return statistics.median(self.measurement.samples)


def try_once(config: Config) -> Tried:
    """Build the image if need be and launch the config's first cell once, in its baseline.

    Raises ConfigError, EngineError, ImageError, and RunError with the model's own words where it does not run.
    """
    plan = make_plan(config, this_host(), contexts_of(config))
    cell = plan.cells[0]
    cell = replace(cell, timing=replace(cell.timing, cycles=_TURNS))
    assert cell.model is not None
    with ExitStack() as stack:
        client = engine.connect()
        stack.callback(client.close)
        image = image_of(cell, baseline_of(cell))
        receipt = provide_image(client, Recipe(image, config.base, config.base_image))
        say(f"trying {cell.model.path} ...")
        stack.enter_context(alone(say))
        provide_model(client, cell.model, receipt.image.id)
        launch = prepare(cell, baseline_of(cell), this_host().cpus, {image: receipt.image})
        begun = in_container.begin(client, cell, launch)
        stack.callback(begun.remove)
        start_s = _turns(begun)
        return Tried(start_s, _measurement(cell, begun), cell.model.content)


def _turns(begun: Begun) -> float:
    """Take all turns, and end; seconds until the first one."""
    ready = begun.wait_until_ready()
    start_s = begun.since_start_s
    if ready:
        for _ in range(_TURNS):
            begun.slice()
        begun.finish()
    return start_s


def _measurement(cell: Cell, begun: Begun) -> Measurement:
    assert begun.ending is not None
    status, measurement, failure = judge(begun.ending, cell.limits.timeout_s)
    if status is not Status.OK or measurement is None:
        assert failure is not None
        raise RunError(f"the model does not run: {words_of(status, failure)}", _remedy(status, cell))
    return measurement


def _remedy(status: Status, cell: Cell) -> str | None:
    if status is Status.OUT_OF_MEMORY:
        return f"give it more than {cell.limits.memory_bytes / 2**30:.3g} GiB, as in MEMORY=8GiB"
    if status is Status.TIMEOUT:
        return "give a smaller BATCH"
    return None
