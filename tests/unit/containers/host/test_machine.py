"""How a machine is called."""

from __future__ import annotations

import os

import pytest

from containers.host import machine
from containers.host.machine import Host
from containers.plan.config import validate
from containers.plan.make import make_plan
from tests.unit.containers.plan.test_config import minimal
from workloads.vocabulary.errors import ConfigError


def test_two_sets_of_cpus_of_one_machine_have_two_names() -> None:
    names = {machine._slug("AMD EPYC 9000", cpus) for cpus in ([0], [1], list(range(os.cpu_count() or 1)))}
    assert len(names) == 3 if (os.cpu_count() or 1) > 1 else 2
    assert all(name.startswith("epyc-") for name in names)


def test_a_machine_has_the_name_that_the_config_gives_it() -> None:
    host = Host(slug="made-up-2c-000000", cpus=[0, 1], physical_cores=2, gpu_reason="none")
    named = make_plan(validate({**minimal(), "machine": "lab-3"}), host, {"cpu": "0", "cuda": "0"})
    assert named.machine == "lab-3"
    assert make_plan(validate(minimal()), host, {"cpu": "0", "cuda": "0"}).machine == host.slug


@pytest.mark.parametrize("name", ["../x", "Lab", "", "a b", "-a", "x" * 41])
def test_a_name_that_could_be_no_folder_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="config: 'machine' is"):
        validate({**minimal(), "machine": name})
