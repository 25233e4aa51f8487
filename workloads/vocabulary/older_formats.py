"""Documents of older formats in today's form. Pure: a dict goes in, a dict comes out, and the one that went in stays.

Format 2 measured launch after launch, with a canary before and after each of them. Such a launch is one cycle here: a
block of its own, with one slice of all its samples. What the canary found disturbed is a cycle that is set aside.
"""

from __future__ import annotations

from typing import Any

from workloads.vocabulary.older_plans import measured_timing, upgraded_plan
from workloads.vocabulary.record import FORMAT

Document = dict[str, Any]


def is_older(document: object) -> bool:
    """Whether a document says that it is of a format before today's."""
    return isinstance(document, dict) and type(document.get("format")) is int and document["format"] < FORMAT


def is_newer(document: object) -> bool:
    """Whether a document says that it is of a format that this version does not know."""
    stated = document.get("format", FORMAT) if isinstance(document, dict) else FORMAT
    return type(stated) is not int or stated > FORMAT


def upgraded(document: Any) -> Any:
    """A parsed JSON document in today's format; itself if it is no older one.

    A document that lacks what its format has is given back as it came: who validates it then says what is wrong.
    """
    if not is_older(document):
        return document
    try:
        return _upgraded(document)
    except (KeyError, TypeError, AttributeError, ValueError):
        return document


def _upgraded(document: Document) -> Document:
    if "cells" in document and "config" in document:
        return upgraded_plan(document)
    if "attempt" in document and "order_seed" in document:
        return _record(document)
    return document


def _record(record: Document) -> Document:
    measurement = record["measurement"]
    gone = ("attempt", "disturbed", "gate_s")
    return {key: value for key, value in record.items() if key not in gone} | {
        "case": record["case"] | {"timing": measured_timing(record["case"]["timing"]), "format": FORMAT},
        "turns": _turns(record, measurement),
        "measurement": None if measurement is None else _measurement(measurement),
        "format": FORMAT,
    }


def _turns(record: Document, measurement: Document | None) -> Document:
    canaries = [] if measurement is None else [measurement["canary_before"], measurement["canary_after"]]
    return {
        "block": record["position"],
        "places": [1],
        "kept": [record["disturbed"] is None],
        "ticks": [{"one_s": canary["one_s"], "all_s": canary["all_s"], "suspended_s": 0.0} for canary in canaries],
        "cpus": canaries[0]["cpus"] if canaries else 0,
    }


def _measurement(measurement: Document) -> Document:
    gone = ("samples", "canary_before", "canary_after")
    phases = {key: value for key, value in measurement["phases"].items() if key != "canary_s"}
    return {key: value for key, value in measurement.items() if key not in gone} | {
        "phases": phases | {"waiting_s": 0.0},
        "slices": [_slice(measurement)] if measurement["samples"] else [],
        "held": False,
        "format": FORMAT,
    }


def _slice(measurement: Document) -> Document:
    return {
        "started_s": 0.0,
        "ramp_s": 0.0,
        "samples": measurement["samples"],
        "wall_s": sum(measurement["samples"]) * measurement["calls_per_sample"],
        "cpu_s": measurement["usage"]["cpu_s"],
        "idle_s": 0.0,
        "idle_cpu_s": None,
        "throttled_s": measurement["observed"]["throttled_s"],
    }
