"""What the launches of a round share, and how one block of them is measured."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from containers.engine import connection as engine
from containers.engine.pauses import pauses
from containers.launch import in_container, outside_container
from containers.launch.begun import Begun
from containers.launch.canary import canary
from containers.launch.outcome import Ending, judge
from containers.launch.prepared import Launch
from containers.rounds import blocks, memory
from containers.rounds import log as round_log
from containers.rounds.block import started_block
from containers.rounds.cycles import Cycles
from containers.rounds.racing import rule_of
from workloads.vocabulary.plan import Cell
from workloads.vocabulary.record import ImageIdentity, Record, Turns

log = logging.getLogger("threadmark.run")

# Of a cycle's planned time, what the canary's tick may take. No less than what its threads need to wake for a while.
TICK_SHARE = 0.03
SHORTEST_TICK_S = 0.006


@dataclass(frozen=True)
class Bench:
    """A round's cell, engine and images."""

    machine: str
    client: engine.Client
    cell: Cell
    number: int  # of the round
    seed: str  # of its order
    images: dict[str, ImageIdentity]
    cpus: list[int]
    session: str
    plan: str  # its checksum

    def measure_block(self, due: Sequence[Launch], records: Sequence[Record]) -> list[Record]:
        """Start as many of these launches as memory allows, let them take turns, and record what came of each.

        Raises EngineError: then nothing of the block is known.
        """
        number, threads = blocks.next_number(records), len(self.cpus)
        tick_s = max(SHORTEST_TICK_S, TICK_SHARE * self.cell.timing.slice_s * len(due))
        with (
            canary(self.client, next(iter(self.images.values())), self.cpus, tick_s) as bird,
            started_block(due, self._begin, self._has_room, threads, self._first(due, threads)) as block,
        ):
            bird.wait_until_ready()
            cycles = Cycles(
                launches=block.begun,
                tick=bird.tick,
                seed=f"{self.seed}/{number}",
                pauses=lambda: pauses(self.client),
                dropped=rule_of(self.cell, self.number, [begun.launch.setting.id for begun in block.begun]),
            )
            cycles.run(self.cell.timing.cycles)
            block.finish(threads)
            turns = [cycles.turns(launch, number) for launch in range(len(block.begun))]
        first = len(records) + 1
        return [
            self._record(position, begun, its)
            for position, (begun, its) in enumerate(zip(block.begun, turns, strict=True), start=first)
        ]

    def _begin(self, launch: Launch) -> Begun:
        begin = in_container.begin if launch.container else outside_container.begin
        return begin(self.client, self.cell, launch)

    def _first(self, due: Sequence[Launch], threads: int) -> int:
        """How many launches may start before one has told what memory it wants: by what they may have at most."""
        available = memory.available_bytes() if engine.is_local(self.client) else None
        most = sum(self.cell.limits.of_instances(launch.case.instances).memory_bytes for launch in due[:threads])
        return threads if available is not None and most <= available else 1

    def _has_room(self, largest_bytes: int, begun: int, starting: int) -> bool:
        """Whether one more instance may start, given the largest so far and how many have begun or are starting."""
        available = memory.available_bytes() if engine.is_local(self.client) else None
        if available is not None:
            return memory.room(largest_bytes, starting, available)
        # What an engine on another machine has is not known: what one launch may have is shared out.
        return memory.room(largest_bytes, begun, self.cell.limits.memory_bytes)

    def _record(self, position: int, begun: Begun, turns: Turns) -> Record:
        cell, launch = self.cell, begun.launch
        ending = begun.ending or Ending(None, False, False, None, None, None, b"")
        log.debug("position %d, %s: %s", position, launch.setting.label, round_log.words(ending))
        status, measurement, failure = judge(ending, cell.limits.timeout_s)
        return Record(
            id=f"{cell.sweep}/{cell.workload}@{cell.definition}/{self.number}/{position}",
            status=status,
            machine=self.machine,
            sweep=cell.sweep,
            workload=cell.workload,
            definition=cell.definition,
            round=self.number,
            position=position,
            order_seed=self.seed,
            session=self.session,
            setting=launch.setting,
            case=launch.case,
            image=launch.image,
            environment=launch.environment,
            command=launch.command,
            cpuset=launch.cpuset,
            cpu_quota=launch.cpu_quota,
            model=None if cell.model is None else cell.model.content,
            limits=cell.limits.of_instances(launch.case.instances),
            started_at=begun.started_at,
            wall_s=round(begun.wall_s, 3),
            engine_s=in_container.engines_share(begun.wall_s, begun.life_s) if launch.container else 0.0,
            turns=turns,
            measurement=measurement,
            failure=failure,
            plan=self.plan,
        )
