"""Simulated rounds of launches that take turns, many experiments at once. Nothing in them was measured.

Slices follow one another in time, each cycle in an order drawn anew, so that drift and spells reach the launches of a
round as they do on a machine: a spell that begins between two slices hits one side of a pair and not the other.
Sizes are those of recordings made on two virtual CPUs of a shared machine: slices of 0.2 s of a call of 9 ms.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SLICE_S, HANDOVER_S = 0.2, 0.02


@dataclass(frozen=True)
class Noise:
    """What disturbs slices and launches; standard deviations of the logarithm of speed, times in seconds."""

    slice_sd: float = 0.009  # of a slice's typical call
    tail: float | None = None  # degrees of freedom of Student's distribution, in place of the normal one
    drift_sd: float = 0.0  # AR(1), the machine's: it forgets itself over `drift_s`
    drift_s: float = 20.0
    spell_s: float = 5.0  # mean length of a spell of half speed
    quiet_s: float | None = None  # mean time between two; None: no spells
    stall: float = 0.0  # mean loss of a slice to the machine's stalls, exponential; typical calls do not see it
    layout_sd: float = 0.002  # between launches of one setting
    own_layout_sd: dict[int, float] = field(default_factory=dict)  # of single settings, by row


MODELS = {
    "quiet": Noise(),
    "stalls": Noise(stall=0.05),
    "drift": Noise(drift_sd=0.05, stall=0.01),
    "spells": Noise(quiet_s=20.0, stall=0.02),
    "tails": Noise(tail=2.0, stall=0.02),
    "layout": Noise(layout_sd=0.01, stall=0.01),
    "all": Noise(tail=3.0, drift_sd=0.05, quiet_s=20.0, stall=0.05, layout_sd=0.004),
}
"""Noise models by name."""


@dataclass(frozen=True)
class Slices:
    """Logarithms of speed (experiments x rounds x settings x cycles)."""

    typical: Floats  # of the slice's median call
    work: Floats  # of all its calls over all their time


def take_turns(
    random: np.random.Generator,
    experiments: int,
    rounds: int,
    cycles: int,
    noise: Noise,
    effects: Sequence[float] = (0.0, 0.0),
    own_stalls: Sequence[float] | None = None,
) -> Slices:
    """Simulate. `effects` are the settings' true log-speeds, `own_stalls` their share of time lost in each slice."""
    settings = len(effects)
    slots = (experiments, rounds, cycles * settings)
    slow, typically_slow = _spells(random, slots, noise)
    machine = _drift(random, slots, noise)
    order = random.random((experiments, rounds, cycles, settings)).argsort(axis=-1)
    layout_sd = np.array([noise.own_layout_sd.get(row, noise.layout_sd) for row in range(settings)])
    launches = np.asarray(effects) + layout_sd * random.normal(size=(experiments, rounds, settings))
    own = np.log1p(-np.asarray(own_stalls if own_stalls is not None else np.zeros(settings)))

    def of_settings(in_time: Floats) -> Floats:
        values = np.take_along_axis(in_time.reshape(experiments, rounds, cycles, settings), order, axis=-1)
        return np.swapaxes(values, -1, -2)

    shape = (experiments, rounds, settings, cycles)
    unit = random.normal(size=shape) if noise.tail is None else random.standard_t(noise.tail, shape)
    common = launches[..., np.newaxis] + noise.slice_sd * unit
    stalls = random.exponential(noise.stall, shape) if noise.stall else np.zeros(shape)
    return Slices(
        common + of_settings(machine + typically_slow),
        common + of_settings(machine + slow) - stalls + own[:, np.newaxis],
    )


def _drift(random: np.random.Generator, slots: tuple[int, int, int], noise: Noise) -> Floats:
    """AR(1) over a round's slots, stationary from the first."""
    drift = np.zeros(slots)
    if noise.drift_sd:
        kept = np.exp(-(SLICE_S + HANDOVER_S) / noise.drift_s)
        steps = noise.drift_sd * np.sqrt(1 - kept**2) * random.normal(size=slots)
        now = noise.drift_sd * random.normal(size=slots[:2])
        for slot in range(slots[2]):
            drift[..., slot] = now
            now = kept * now + steps[..., slot]
    return drift


def _spells(random: np.random.Generator, slots: tuple[int, int, int], noise: Noise) -> tuple[Floats, Floats]:
    """What spells add to the log-speed of a slot's work and of its typical call."""
    share = np.zeros(slots)  # of each slot that lies in a spell
    if noise.quiet_s is not None:
        slot_s = SLICE_S + HANDOVER_S
        within = random.random(slots[:2]) < noise.spell_s / (noise.spell_s + noise.quiet_s)
        turning, moments = random.random(slots), random.random(slots)
        for slot in range(slots[2]):
            likely = -np.expm1(-slot_s / np.where(within, noise.spell_s, noise.quiet_s))
            turns, before = turning[..., slot] < likely, moments[..., slot]
            share[..., slot] = np.where(within, np.where(turns, before, 1.0), np.where(turns, 1 - before, 0.0))
            within = within ^ turns
    # At half speed the same work takes twice as long, so that a slot's speed falls in proportion to the share.
    return np.log1p(-share / 2), np.where(share > 2 / 3, np.log(0.5), 0.0)
