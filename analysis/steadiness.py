"""How analysis.warmup calls the course of a launch's samples; apart from it, because its library loads slowly."""

from __future__ import annotations

FLAT = "flat"
WARMING_UP = "warming up"
SLOWING_DOWN = "slowing down"
UNSTEADY = "unsteady"
