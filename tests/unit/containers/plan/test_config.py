"""The config says what is wrong in one sentence, and where."""

import re
from pathlib import Path
from typing import Any

import pytest

from containers.plan.__main__ import main
from containers.plan.config import read, schema, validate
from workloads.vocabulary.errors import ConfigError

ROOT = Path(__file__).parents[4]


def minimal() -> dict[str, Any]:
    return {
        "rounds": 2,
        "workloads": {"matmul": {"params": {"n": 64}}},
        "sweeps": {
            "threads": {
                "question": "Which?",
                "workloads": ["matmul"],
                "grid": {"intra_op": [1, 2]},
                "baseline": {"intra_op": 1},
            }
        },
    }


def sentence(content: dict[str, Any]) -> str:
    with pytest.raises(ConfigError) as caught:
        validate(content)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_a_minimal_config_gets_the_defaults() -> None:
    config = validate(minimal())
    assert (config.images, config.base, config.limits.memory) == ("auto", "auto", 4 * 2**30)


def test_an_unknown_key_is_refused_with_the_nearest_known_one() -> None:
    assert sentence(minimal() | {"round": 3}) == "config: unknown key 'round'; did you mean 'rounds'?"


def test_an_unknown_key_is_named_with_its_place() -> None:
    content = minimal()
    content["sweeps"]["threads"]["base_line"] = content["sweeps"]["threads"].pop("baseline")
    assert sentence(content) == "config: unknown key 'sweeps.threads.base_line'; did you mean 'baseline'?"


@pytest.mark.parametrize("rounds", [0, -1, "many"])
def test_rounds_that_are_no_positive_number_are_refused(rounds: object) -> None:
    assert sentence(minimal() | {"rounds": rounds}).startswith(f"config: 'rounds' is {rounds!r}: ")


def test_a_missing_key_is_named() -> None:
    content = minimal()
    del content["sweeps"]["threads"]["question"]
    assert sentence(content) == "config: 'sweeps.threads.question' is missing"


def test_what_can_be_no_image_s_name_is_refused() -> None:
    assert sentence(minimal() | {"images": ["GPU"]}).startswith("config: 'images.0' is 'GPU': string should match")


@pytest.mark.parametrize(
    ("rounds", "says"),
    [
        (0, "'rounds' is 0: input should be greater than 0"),
        ({"until": 0}, "'rounds.until' is 0: input should be greater than 0"),
        ({"until": 2}, "'rounds.until' is 2: input should be less than 1"),
        ({"until": 0.1, "at_least": 2}, "'rounds.at_least' is 2: input should be greater than or equal to 3"),
        ({"until": 0.1, "budget_minutes": -1}, "'rounds.budget_minutes' is -1: input should be greater than 0"),
        ({"untill": 0.02}, "unknown key 'rounds.untill'; did you mean 'until'?"),
    ],
)
def test_rounds_that_cannot_be_are_refused(rounds: object, says: str) -> None:
    assert sentence(minimal() | {"rounds": rounds}) == f"config: {says}"


def test_a_sweep_s_rounds_are_named_with_their_place() -> None:
    content = minimal()
    content["sweeps"]["threads"]["rounds"] = {"until": -1}
    assert sentence(content) == "config: 'sweeps.threads.rounds.until' is -1: input should be greater than 0"
    content["sweeps"]["threads"]["rounds"] = {"until": 0.02, "atleast": 5}
    assert sentence(content) == "config: unknown key 'sweeps.threads.rounds.atleast'; did you mean 'at_least'?"


def test_an_unknown_strategy_is_refused() -> None:
    content = minimal()
    content["sweeps"]["threads"]["strategy"] = "random"
    assert sentence(content).startswith("config: 'sweeps.threads.strategy' is 'random': input should be 'grid' or")


def test_a_metric_that_nobody_knows_is_refused_with_the_nearest_one() -> None:
    content = minimal()
    content["sweeps"]["threads"]["metrics"] = ["throughput", "peak_memroy"]
    assert sentence(content) == "config: 'sweeps.threads.metrics.1' is 'peak_memroy'; did you mean 'peak_memory'?"


@pytest.mark.parametrize(
    ("text", "says"), [("a: [", "is not YAML"), ("- a", "holds no mapping"), ("", "holds no mapping")]
)
def test_a_file_that_is_no_config_is_named(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=says) as caught:
        read(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"rounds": 1_000_000_000}, "config: 'rounds' is 1000000000: input should be less than or equal to 10000"),
        ({"timing": {"slice_s": float("inf")}}, "config: 'timing.slice_s' is inf: input should be a finite number"),
        ({"timing": {"warmup_s": float("nan")}}, "config: 'timing.warmup_s' is nan: input should be a finite number"),
        ({"timing": {"slice_s": 1000}}, "config: timing: a launch's calls take 24000.3 s, more than its limits"),
        ({"timing": {"cycles": 10**9}}, "config: 'timing.cycles' is 1000000000: input should be less than"),
        ({"limits": {"memory": 0}}, "config: 'limits.memory' is 0: input should be greater than or equal to 67108864"),
        ({"limits": {"pids": -1}}, "config: 'limits.pids' is -1: input should be greater than 0"),
        ({"images": []}, "config: 'images' is []"),
        ({"results": "/etc/hostname"}, "config: results: /etc/hostname is no folder; "),
        ({"results": "/etc/hostname/below"}, "config: results: /etc/hostname is no folder; "),
        ({"seed": 1.5}, "config: 'seed' is 1.5"),
    ],
)
def test_what_no_run_can_mean_is_refused(change: dict[str, Any], says: str) -> None:
    words = sentence(minimal() | change)
    assert words.startswith(says)
    assert len(words) <= 300


def test_a_value_of_any_size_gets_a_short_sentence() -> None:
    """Lists that hold one list nine times, nine levels deep: nothing in memory, and more text than any memory holds."""
    nested: list[Any] = [1] * 10
    for _ in range(30):
        nested = [nested] * 9
    content = minimal()
    content["sweeps"]["threads"]["grid"] = {"intra_op": nested}
    assert len(sentence(content)) <= 300
    assert len(sentence(minimal() | {"x" * 10_000: 1})) <= 300


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: 1\nb: {c: 1, c: 2}\n", "the key 'c' stands twice"),
        ("a: 1\na: 2\n", "the key 'a' stands twice"),
        ("a: " + "[" * 5000, "nested too deeply|not YAML"),
        ("a: " + "x" * 2**21, "more than 1048 kB"),
    ],
)
def test_a_file_that_no_person_meant_is_refused(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=says) as caught:
        read(path)
    assert len(str(caught.value)) <= 300 + len(str(path))


def test_a_mapping_may_take_another_s_keys(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("one: &one {a: 1, b: 2}\ntwo: {<<: *one, b: 3}\n")
    assert read(path)["two"] == {"a": 1, "b": 3}


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read(tmp_path / "absent.yaml")


def test_the_published_schema_is_the_code_s() -> None:
    assert (ROOT / "config/schema.json").read_text() == schema()


def test_the_command_checks_files_and_says_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(ROOT / "config/quick.yaml"), str(ROOT / "config/default.yaml")]) == 0
    assert main([str(tmp_path / "absent.yaml")]) == 2
    assert re.fullmatch(
        r"threadmark: \S+absent\.yaml cannot be read .*; name a config file, .*\n", capsys.readouterr().err
    )
