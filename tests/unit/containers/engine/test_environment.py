"""Every launch gets an environment of one size, and nothing of the caller's."""

import pytest

from containers.engine.environment import PADDING, SIZE_BYTES, padded
from workloads.vocabulary.errors import RunError


def size(environment: dict[str, str], command: list[str]) -> int:
    block = [f"{name}={value}" for name, value in environment.items()] + command
    return sum(len(entry.encode()) + 1 for entry in block)


@pytest.mark.parametrize("setting", [{}, {"OMP_NUM_THREADS": "1"}, {"ONEDNN_MAX_CPU_ISA": "AVX512_CORE", "Ä": "é"}])
def test_environment_and_command_have_one_size_in_every_setting(setting: dict[str, str]) -> None:
    command = ["python3", "-m", "ü" * len(setting)]
    assert size(padded(setting, command), command) == SIZE_BYTES


def test_nothing_of_the_caller_s_environment_gets_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.setenv("SECRET", "hidden")
    environment = padded({}, [])
    assert "OMP_NUM_THREADS" not in environment
    assert "hidden" not in str(environment)


def test_a_setting_wins_over_the_base() -> None:
    assert padded({"PYTHONHASHSEED": "1"}, [])["PYTHONHASHSEED"] == "1"


def test_what_does_not_fit_is_refused() -> None:
    assert padded({"A": "x"}, [])[PADDING]
    with pytest.raises(RunError, match=f"more than the {SIZE_BYTES}"):
        padded({"A": "x" * SIZE_BYTES}, [])
