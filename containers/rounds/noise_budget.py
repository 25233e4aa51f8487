"""What a run may spend on a loud machine: waiting for it to be quiet, and launching again what it disturbed.

The rule looks at canaries and at clocks, never at what a launch measured. What is spent is read off the records, so
that a run that was stopped does not begin anew.
"""

from __future__ import annotations

import math
import re
from pathlib import Path

from containers.rounds import progress
from workloads.vocabulary.plan import Plan

_GATE = re.compile(rb'"gate_s":([0-9.e-]+)')
_AGAIN = re.compile(rb'"attempt":(?!1,).*?"wall_s":([0-9.e-]+)')


def left_s(results: Path, plan: Plan) -> float:
    """Seconds that the plan's `noise_budget_s` still grants, 0 or less once it is spent; infinite without one."""
    granted = plan.config.get("noise_budget_s")
    return math.inf if granted is None else float(granted) - _spent_s(results, plan)


def _spent_s(results: Path, plan: Plan) -> float:
    content = progress.recorded(results, plan)
    return sum(float(seconds) for rule in (_GATE, _AGAIN) for seconds in rule.findall(content))
