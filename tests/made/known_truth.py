"""Launches made from known truth, for the tests of claims. Nothing in them was measured."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from pydantic import TypeAdapter

from analysis.claims.config import Test as AnyTest
from analysis.comparisons.pairs import Evidence
from workloads.vocabulary.plan import Cell, Plan
from workloads.vocabulary.record import Limits, Setting, Timing, identity

Values = dict[str, Any]


@dataclass(frozen=True)
class Truth:
    """A cell: settings as written, with the true speed of each (work a second, any scale)."""

    sweep: str
    workload: str
    speeds: Sequence[tuple[Values, float]]
    rounds: int = 5
    params: Values = field(default_factory=dict)
    unit: str = "FLOP"

    def cell(self) -> Cell:
        """The plan's cell; a written `default` is resolved to nothing, all else as it is."""
        settings = []
        for written, _ in self.speeds:
            resolved = {knob: None if value == "default" else value for knob, value in written.items()}
            settings.append(Setting(identity(resolved), written, resolved))
        return Cell(
            sweep=self.sweep,
            question="What is simulated?",
            workload=self.workload,
            module="matmul",
            params=self.params,
            settings=settings,
            baseline=settings[0].id,
            rounds=self.rounds,
            definition=identity([self.sweep, self.workload]),
            timing=Timing(warmup_s=0.1, slice_s=0.2, cycles=5, min_sample_s=0.01),
            limits=Limits(memory_bytes=2**30, pids=100, timeout_s=60),
            seed=1,
        )


def plan_of(truths: Sequence[Truth], **changes: Any) -> Plan:
    cells = [truth.cell() for truth in truths]
    return Plan(**{"machine": "m", "suite": "0", "config": {}, "images": {"cpu": "0"}, "cells": cells, **changes})


def launches_of(truths: Sequence[Truth], *, noise: float = 0.02, seed: int = 1) -> pd.DataFrame:
    """A row a launch, as tables/launches.parquet has it; rounds drift together, launches have noise of their own."""
    random, rows = np.random.default_rng(seed), []
    for truth in truths:
        cell = truth.cell()
        for number in range(1, truth.rounds + 1):
            drift = random.normal(0, 0.2)
            for position, (setting, (_, speed)) in enumerate(zip(cell.settings, truth.speeds, strict=True), start=1):
                rows.append(launch(cell, number, position, setting, speed * math.exp(drift + random.normal(0, noise))))
                rows[-1]["work_unit"] = truth.unit
    return (
        pd.DataFrame(rows) if rows else pd.DataFrame(columns=list(_EMPTY)).astype({"round": int, "throughput": float})
    )


def launch(cell: Cell, number: int, position: int, setting: Setting, speed: float, work: float = 1e9) -> Values:
    """One launch that went well, at `speed` work units a second."""
    seconds = work / speed / 1e9
    return {
        "id": f"{cell.sweep}/{cell.workload}@{cell.definition}/{number}/{position}",
        "sweep": cell.sweep,
        "workload": cell.workload,
        "definition": cell.definition,
        "round": number,
        "position": position,
        "setting": setting.id,
        "status": "ok",
        "set_aside": False,
        "call_s": seconds,
        "median_s": seconds,
        "mean_s": seconds,
        "halves_ratio": 1.0,
        "steadiness": "flat",
        "calls_per_sample": 1,
        "timing_s": 1.0,
        "waiting_s": 0.0,
        "block": position,
        "cycles": 1,
        "cycles_aside": 0,
        "wall_s": 4.0,
        "work_amount": work,
        "work_unit": "FLOP",
        "metric": "throughput",
        "samples": 30,
        "throughput": work / seconds,
        "check_error": 1e-6,
        "image": "cpu",
        "image_content": "sha256:0",
    }


_EMPTY = launch(Truth("s", "w", [({}, 1)]).cell(), 1, 1, Setting("0", {}, {}), 1.0)


def evidence_of(truths: Sequence[Truth], *, noise: float = 0.02, seed: int = 1) -> Evidence:
    return Evidence(plan_of(truths), launches_of(truths, noise=noise, seed=seed), {})


def test_of(**document: Any) -> AnyTest:
    return TypeAdapter(AnyTest).validate_python(document)


test_of.__test__ = False  # type: ignore[attr-defined]  # no test, though pytest would think so


ONE, TWO = {"intra_op": 1}, {"intra_op": "cores"}
