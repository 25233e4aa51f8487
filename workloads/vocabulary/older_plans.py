"""Plans and configs of format 2 in today's form. Pure: what goes in stays as it was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workloads.vocabulary.record import FORMAT

Document = dict[str, Any]

# Seconds of a slice in a config that is brought to this format: what the suite ships.
SLICE_S = 0.2


def upgraded_plan(plan: Document) -> Document:
    """A plan of format 2, with what it then left to its config as fields, and with holes by kind and name."""
    config = plan["config"]
    return plan | {
        "config": upgraded_config(config),
        "cells": [_cell(cell, config) for cell in plan["cells"]],
        "holes": [_hole(hole) for hole in plan.get("holes", [])],
        "probed": config.get("audit", "catalogue"),
        "peaks": config.get("peaks", True),
        "format": FORMAT,
    }


def upgraded_config(config: Mapping[str, Any]) -> Document:
    """A config of format 2 as this version writes it; itself if it is none."""
    kept = {key: value for key, value in config.items() if key not in ("noise_budget_s", "precision")}
    if isinstance(config.get("timing"), dict):
        kept["timing"] = _planned_timing(config["timing"])
    number = config.get("rounds") if config.get("precision") else None
    if config.get("precision"):
        kept["rounds"] = _until_narrow(config["precision"])
    if isinstance(sweeps := config.get("sweeps"), dict):
        kept["sweeps"] = {name: _sweep(sweep, number) for name, sweep in sweeps.items()}
    return kept


def measured_timing(timing: Document) -> Document:
    """The timing of a cell that was measured in format 2: each launch was one slice."""
    return {
        "warmup_s": timing["warmup_s"],
        "slice_s": timing["measure_s"],
        "cycles": 1,
        "min_sample_s": timing["min_sample_s"],
    }


def _planned_timing(timing: Document) -> Document:
    """A config's timing, with slices that take as many seconds."""
    kept = {key: value for key, value in timing.items() if key not in ("measure_s", "min_samples")}
    if "measure_s" in timing:
        kept |= {"slice_s": SLICE_S, "cycles": max(1, round(float(timing["measure_s"]) / SLICE_S))}
    return kept


def _sweep(sweep: Document, number: object) -> Document:
    """A sweep; `number` is that of the config's rounds where it has a width beside it, which then takes its key.

    Sweeps that wanted no width, and searches, went by that number.
    """
    if not isinstance(sweep, dict):
        return sweep
    kept = {key: value for key, value in sweep.items() if key != "precision"}
    if sweep.get("precision"):
        return kept | {"rounds": _until_narrow(sweep["precision"])}
    counted = sweep.get("precision") is False or sweep.get("strategy") == "search"
    return kept | {"rounds": number} if counted and number is not None and kept.get("rounds") is None else kept


def _until_narrow(precision: Document) -> Document:
    names = {"target": "until", "min_rounds": "at_least", "max_rounds": "at_most"}
    return {"until": 0.02} | {names.get(key, key): value for key, value in precision.items()}


def _cell(cell: Document, config: Document) -> Document:
    asked = config.get("fixed", {}) | config.get("sweeps", {}).get(cell["sweep"], {}).get("fixed", {})
    return cell | {
        "timing": measured_timing(cell["timing"]),
        "turns": False,
        "fixed_as_written": {knob: asked[knob] for knob in cell.get("fixed", {}) if knob in asked},
    }


def _hole(hole: Document) -> Document:
    kind, _, name = hole["what"].partition(" ")
    return {"kind": kind, "name": name, "reason": hole["reason"]}
