"""The config that `make tune` writes."""

from dataclasses import replace
from pathlib import Path

import pytest

from containers.plan.config import validate
from containers.plan.settings import sweep_settings
from containers.plan.symbolic import Counts
from containers.tune.space import Goal, Wanted, candidates, searching, without_search
from workloads.vocabulary.errors import ConfigError

WANTED = Wanted(model="model.keras", goal=Goal.LATENCY)
QUICK_S = 3.0


@pytest.mark.parametrize("cpus", [1, 2, 4, 64])
@pytest.mark.parametrize("goal", list(Goal))
def test_it_is_a_config_whose_baseline_is_the_defaults(cpus: int, goal: Goal) -> None:
    config = validate(searching(Wanted("model.keras", goal), QUICK_S, cpus))
    made = sweep_settings("tune", config.sweeps["tune"], Counts(cpus, max(1, cpus // 2)), {})
    assert all(value is None for value in made.baseline.resolved.values())
    assert len(made.settings) >= 5
    assert config.sweeps["tune"].metrics == [goal]


def test_a_model_that_starts_slowly_gets_fewer_settings_the_most_important_ones() -> None:
    few = searching(WANTED, 12.0, 2)["sweeps"]["tune"]["settings"]
    many = searching(WANTED, QUICK_S, 2)["sweeps"]["tune"]["settings"]
    assert few == many[: len(few)]
    assert 5 <= len(few) < len(many)


def test_too_little_time_says_how_much_is_enough() -> None:
    slow = 60.0
    with pytest.raises(ConfigError, match=r"5 minutes are too few .* MINUTES=\d+") as error:
        searching(WANTED, slow, 2)
    minutes = float(str(error.value).rpartition("=")[2])
    assert searching(Wanted("model.keras", Goal.LATENCY, minutes=minutes), slow, 2)


def test_within_a_bound_every_setting_is_measured_to_the_end() -> None:
    config = validate(searching(replace(WANTED, p99_ms=20.0), 2 * QUICK_S, 2))
    sweep = config.sweeps["tune"]
    assert (sweep.strategy, config.rounds, sweep.bounds.p99_ms) == ("grid", 3, 20.0)
    assert 5 <= len(sweep.settings) < len(searching(WANTED, 2 * QUICK_S, 2)["sweeps"]["tune"]["settings"])


def test_reduced_precision_is_tried_only_if_it_is_allowed() -> None:
    def reduces(wanted: Wanted) -> bool:
        return any("ONEDNN_DEFAULT_FPMATH_MODE" in candidate for candidate in candidates(wanted, 2))

    assert not reduces(WANTED)
    assert reduces(Wanted("model.keras", Goal.LATENCY, reduced_precision=True))


def test_what_was_asked_for_stands_in_the_config(tmp_path: Path) -> None:
    wanted = Wanted("m.py", Goal.THROUGHPUT, batch=8, inputs="x.npz", memory="2GiB", signature="f", call="predict")
    for content in (without_search(wanted), searching(wanted, QUICK_S, 2)):
        config = validate(content)
        entry = config.workloads["model"]
        assert (entry.model, entry.inputs, entry.signature) == ("m.py", "x.npz", "f")
        assert entry.params == {"batch": 8, "call": "predict"}
        assert config.limits.memory == 2 * 2**30
