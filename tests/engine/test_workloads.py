"""The workloads in the CPU image: right outputs pass, wrong ones fail, and what a measurement says is so."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import Any

import pytest

from tests.made.workload_cases import cases
from workloads.harness.contract import find
from workloads.vocabulary.record import Case, Timing, to_json

pytestmark = pytest.mark.long

InImage = Callable[..., str]

QUICK = Timing(warmup_s=0.05, slice_s=0.05, cycles=3, min_sample_s=0.005)

CASES = cases()

# Each build and its two calls in a process of their own, forked once TensorFlow is imported, which takes longest,
# and before it starts anything: a fault may replace what it likes.
CHECK = """
import json, os
import numpy as np, tensorflow as tf
from workloads.harness.contract import find

def check(name, fault, params):
    exec(fault, globals())
    module = find(name)
    subject = module.build(module.Params.of(params), np.random.default_rng(1))
    first = subject.check_first(subject.call())
    last = subject.check_last(subject.call())
    return [first.passed, last.passed, first.error]

for name, fault, params in {variants!r}:
    child = os.fork()
    if child == 0:
        try:
            outcome = check(name, fault, params)
        except BaseException as error:
            outcome = f"{{type(error).__name__}}: {{error}}"
        print(json.dumps(outcome), flush=True)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if status != 0:
        print(json.dumps(f"the process ended with status {{status}}"), flush=True)
"""


def variants(name: str) -> list[tuple[str, dict[str, Any]]]:
    """(fault, parameters): what is right, in every form, then each fault."""
    case = CASES[name]
    right = [("pass", params) for params in (case.small, *case.forms)]
    return right + [(fault, case.small) for fault in case.wrong]


@pytest.fixture(scope="module")
def outcomes(in_image: InImage) -> dict[str, list[Any]]:
    """For each variant of each workload: whether both checks passed and the first one's error, or what was raised."""

    def check(names: list[str]) -> dict[str, list[Any]]:
        asked = [(name, *variant) for name in names for variant in variants(name)]
        lines = [line for line in in_image(CHECK.format(variants=asked)).splitlines() if line.startswith(("[", '"'))]
        assert len(lines) == len(asked), lines
        results: dict[str, list[Any]] = {name: [] for name in names}
        for (name, *_), line in zip(asked, lines, strict=True):
            results[name].append(json.loads(line))
        return results

    names = sorted(CASES)
    with ThreadPoolExecutor(2) as pool:
        halves = list(pool.map(check, (names[::2], names[1::2])))
    return halves[0] | halves[1]


@pytest.mark.parametrize("name", sorted(CASES))
def test_an_output_check_passes_what_is_right_in_every_form_and_fails_what_is_wrong(
    outcomes: dict[str, list[Any]], name: str
) -> None:
    case = CASES[name]
    right = outcomes[name][0]
    assert right[:2] == [not case.faulty] * 2, right
    assert case.faulty or right[2] < 1e-4
    assert case.wrong or case.faulty
    for (fault, params), variant in zip(variants(name)[1:], outcomes[name][1:], strict=True):
        # An exception is no failed check: a fault that cannot run proves nothing.
        assert isinstance(variant, list), (fault, params, variant)
        if fault == "pass":
            assert variant[:2] == [True, True], (params, variant)
        else:
            assert not variant[0], fault


def test_training_that_diverged_while_timed_fails_the_last_check(in_image: InImage) -> None:
    code = """
import numpy as np, tensorflow as tf
from workloads.models import mlp_training as m
subject = m.build(m.Params(features=20, hidden=32, examples=500), np.random.default_rng(1))
losses = subject.call()
print(*(subject.check_last(wrong).passed for wrong in (losses, losses * float("nan"), losses * 2)))
"""
    assert in_image(code).split() == ["True", "False", "False"]


# The worker's own part of a launch, with all of its turns one after another.
ALONE = """
from workloads.harness.contract import find
from workloads.harness.measuring import Measuring, Waited
from workloads.harness.worker import private_stdout, read_case
from workloads.vocabulary.record import to_json

def measure(text):
    with private_stdout() as answers:
        case = read_case([text])
        module = find(case.workload)
        measuring = Measuring(case, module, module.Params.of(case.params))
        for _ in range(case.timing.cycles):
            measuring.slice(Waited(0.0, None))
        answers.write(to_json(measuring.end(held=False)) + "\\n")
"""


def measured(in_image: InImage, case: Case, **environment: str) -> dict[str, Any]:
    """The measurement of the worker as the container's process would write it."""
    lines = in_image(f"{ALONE}\nmeasure({to_json(case)!r})", **environment).splitlines()
    assert len(lines) == 1
    document: dict[str, Any] = json.loads(lines[0])
    return document


# As `measured`, for several cases in turn: each in a process forked once TensorFlow is imported, which takes longest.
IN_TURN = """
import os
import numpy as np, tensorflow as tf
{alone}
for case in {cases!r}:
    child = os.fork()
    if child == 0:
        measure(case)
        os._exit(0)
    print(os.waitpid(child, 0)[1], flush=True)
"""


def test_each_measurement_is_sound_and_small(in_image: InImage) -> None:
    """While oneDNN fills standard output with its own lines."""
    names = sorted(name for name, case in CASES.items() if not case.faulty)
    asked = [to_json(Case(name, CASES[name].small, 1, 1, Timing(0.1, 0.1, 3, 0.005), seed=1)) for name in names]
    lines = in_image(IN_TURN.format(alone=ALONE, cases=asked), ONEDNN_VERBOSE="1").splitlines()
    assert len(lines) == 2 * len(names), lines
    for name, line, status in zip(names, lines[::2], lines[1::2], strict=True):
        document = json.loads(line)
        assert status == "0", name
        assert document["check"]["passed"], (name, document["check"])
        # None: an eager workload, which traces nothing.
        assert document["observed"]["traces"] in (0, None), name
        assert len(document["slices"]) == 3
        assert all(taken["samples"] for taken in document["slices"])
        assert 0 < document["observed"]["cpu_per_wall"] <= len(document["observed"]["cpus"]) + 0.1, name
        # Six significant digits a sample; how many samples there are is the machine's speed, not the record's thrift.
        taken = sum(len(taken["samples"]) for taken in document["slices"]) + len(document["warmup"])
        assert len(json.dumps(document, separators=(",", ":"))) <= 3_000 + len("0.000123456,") * taken


@pytest.mark.parametrize(("intra", "inter"), [(1, 1), (8, 5), (3, None)])
def test_the_pools_that_are_seen_are_those_that_were_asked_for(
    in_image: InImage, intra: int, inter: int | None
) -> None:
    observed = measured(in_image, Case("matmul", {"n": 64}, intra, inter, QUICK, seed=1))["observed"]
    assert observed["intra_threads"] == intra
    assert observed["inter_threads"] == (inter or len(observed["cpus"]))


def test_onednn_is_seen_to_be_on_and_off(in_image: InImage) -> None:
    case = Case("conv", CASES["conv"].small, 1, 1, QUICK, seed=1)
    for value, on in (("1", True), ("0", False)):
        assert measured(in_image, case, TF_ENABLE_ONEDNN_OPTS=value)["observed"]["onednn"] is on


# Some code for several workloads in turn, each in a process forked once TensorFlow is imported: a workload may
# want to prepare TensorFlow's context, and one process has one.
EACH = """
import os, time
import numpy as np, tensorflow as tf
from workloads.harness.contract import find

def built(name, params, seed=1):
    module = find(name)
    return module.build(module.Params.of(params), np.random.default_rng(seed))

{code}

for name, given in {given!r}.items():
    child = os.fork()
    if child == 0:
        print(name, act(name, given), flush=True)
        os._exit(0)
    os.waitpid(child, 0)
"""


def test_one_seed_gives_one_input_and_another_seed_another(in_image: InImage) -> None:
    code = """
def act(name, params):
    outputs = [built(name, params, seed).call() for seed in (1, 1, 2)]
    sums = [float(sum(np.sum(part) for part in tf.nest.flatten(output))) for output in outputs]
    return sums[0] == sums[1], sums[1] == sums[2]
"""
    small = {name: case.small for name, case in CASES.items() if not case.faulty}
    said = in_image(EACH.format(code=code, given=small), TF_NUM_INTRAOP_THREADS="1")
    assert said == "".join(f"{name} (True, False)\n" for name in small)


def test_time_grows_with_the_work_so_that_nothing_is_folded_or_pruned(in_image: InImage) -> None:
    """Eight times the work takes at least three times as long: what vanishes takes no time at all.

    The two take turns, so that a busy moment of the machine, which may last longer than ten calls, finds both.
    """
    code = """
def timed(call):
    start = time.perf_counter()
    call()
    return time.perf_counter() - start

def act(name, sizes):
    calls = [built(name, params).call for params in sizes]
    for call in calls * 3:
        call()
    turns, end = [], time.perf_counter() + 1.5
    while len(turns) < 10 or (len(turns) < 200 and time.perf_counter() < end):
        turns.append([timed(call) for call in calls])
    small, large = (min(times) for times in zip(*turns))
    return large / small
"""
    growth = {name: case.growth for name, case in CASES.items() if not case.faulty}
    one_thread = {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}
    said = dict(line.split() for line in in_image(EACH.format(code=code, given=growth), **one_thread).splitlines())
    assert said.keys() == growth.keys()
    for name, grown in said.items():
        assert float(grown) > 3, name


def test_parameters_of_these_tests_are_within_their_ranges() -> None:
    for name, case in CASES.items():
        for params in (case.small, *case.growth, *case.forms):
            assert asdict(find(name).Params.of(params)).items() >= params.items()
