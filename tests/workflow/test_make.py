"""What `make` would run, without running it."""

from __future__ import annotations

import os
import re
import subprocess

from tests.made.workflow_tree import ROOT


def make(*words: str) -> str:
    """As a user types it: a make that these tests run under tells its children its level and its options."""
    own = ("MAKELEVEL", "MAKEFLAGS", "MFLAGS")
    environment = {name: value for name, value in os.environ.items() if name not in own}
    done = subprocess.run(["make", *words], cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return done.stdout


def test_help_names_every_command() -> None:
    commands = re.findall(r"^\.PHONY: (\S+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    named = re.findall(r"^make (\S+)", make("help"), re.MULTILINE)
    assert set(named) == set(commands) - {"help"}


def test_a_report_is_quiet_unless_it_is_asked_to_speak() -> None:
    assert "--quiet rules host reason progress --configfile config/default.yaml" in make("-n", "report")
    spoken = make("-n", "report", "VERBOSE=1", "CONFIG=config/quick.yaml")
    assert "--printshellcmds --configfile config/quick.yaml" in spoken
    assert "snakemake --cores 1 --quiet" not in spoken


def test_cleaning_asks_and_takes_leftovers_only_unless_told_otherwise() -> None:
    assert make("-n", "clean").rstrip().endswith("-m containers.clean --level leftovers")
    assert make("-n", "clean", "LEVEL=all", "YES=1").rstrip().endswith("--level all --yes")


def test_the_check_up_looks_at_the_run_that_is_to_be() -> None:
    line = make("-n", "doctor", "CONFIG=mine.yaml", "ARGUMENTS=--json").rstrip()
    assert line.endswith("-m containers.doctor --config mine.yaml --json")


def test_every_folder_of_tests_has_a_target() -> None:
    commands = "".join(make("-n", target) for target in ("check", "test", "fuzz", "test-long", "test-endurance"))
    run = set(re.findall(r"tests/(\w+)", commands))
    assert {path.parent.name for path in ROOT.glob("tests/*/test_*.py")} | {"unit"} <= run


def test_the_short_loop_needs_no_engine() -> None:
    assert "containers.engine" not in make("-n", "check")
