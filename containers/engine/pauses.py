"""When somebody held a launch up with the engine's own `pause`: by the engine's list of events."""

import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from docker.errors import APIError

from containers.engine.connection import Client, engine_errors
from containers.engine.labels import LAUNCH

# Before and after a pause: the engine's clock may be another one, read over a line.
MARGIN_S = 0.5
_LOOK_BACK_S = 86_400.0


def pauses(client: Client) -> list[tuple[float, float]]:
    """Pauses of this suite's launches in the last day, each (from, to) by this machine's monotonic clock.

    One that goes on ends now. None where the engine keeps no events.
    """
    with engine_errors("asking for what was paused"), suppress(APIError):
        now = _engine_now(client)
        asked = {"label": [f"{key}={value}" for key, value in LAUNCH.items()], "event": ["pause", "unpause"]}
        events = client.api.events(since=int(now - _LOOK_BACK_S), until=_fraction(now), filters=asked, decode=True)
        return _spans(list(events), time.monotonic() - now, time.monotonic())
    return []


def _engine_now(client: Client) -> float:
    told = client.info().get("SystemTime")
    moment = datetime.fromisoformat(told) if told else datetime.now(UTC)
    return moment.timestamp()


def _fraction(moment: float) -> Any:
    return f"{moment + MARGIN_S:.6f}"  # engines read fractions of a second, of which the SDK's types know nothing


def _spans(events: list[dict[str, Any]], offset_s: float, now_s: float) -> list[tuple[float, float]]:
    began: dict[str, float] = {}
    spans = []
    for event in events:
        container = str(event.get("id") or event.get("Actor", {}).get("ID"))
        at = int(event["timeNano"]) * 1e-9 + offset_s
        if event.get("Action", event.get("status")) == "pause":
            began[container] = at
        else:
            spans.append((began.pop(container, at) - MARGIN_S, at + MARGIN_S))
    return spans + [(at - MARGIN_S, now_s) for at in began.values()]
