"""No config ends in a traceback, or takes two seconds: it is one, or a sentence says why not."""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from hypothesis import given

from containers.host.machine import Host
from containers.images.declaration import declarations
from containers.plan.config import read, validate
from containers.plan.make import make_plan
from tests.fuzz.minute import for_a_minute
from tests.made.mutations import damaged, mutated
from workloads.vocabulary.errors import ThreadmarkError

SHIPPED = sorted((Path(__file__).parents[2] / "config").glob("*.yaml"))
CONFIGS = [path for path in SHIPPED if path.name != "claims.yaml"]
CONTEXTS = {image.name: "0" for image in declarations()}
HOST = Host(slug="made-up-2c-000000", cpus=[0, 1], physical_cores=2, gpu_reason="none")
_MOST_S, _LONGEST = 2.0, 350


def _is_short(error: ThreadmarkError) -> None:
    assert 0 < len(str(error)) <= _LONGEST, str(error)


def _tries(content: Any) -> None:
    started = time.monotonic()
    try:
        make_plan(validate(content), HOST, CONTEXTS)
    except ThreadmarkError as error:
        _is_short(error)
    assert time.monotonic() - started < _MOST_S


@for_a_minute
@given(mutated([yaml.safe_load(path.read_text()) for path in CONFIGS]))
def test_a_config_with_odd_values(content: Any) -> None:
    """Shipped ones, with up to three things wrong in them."""
    if isinstance(content, dict):
        _tries(content)


@for_a_minute
@given(damaged([path.read_bytes() for path in CONFIGS]))
def test_a_damaged_file(text: bytes) -> None:
    """Shipped ones, with bytes hit."""
    with TemporaryDirectory() as name:
        path = Path(name) / "c.yaml"
        path.write_bytes(text)
        try:
            content = read(path)
        except ThreadmarkError as error:
            _is_short(error)
            return
    _tries(content)
