"""The workloads in the CPU image: right outputs pass, wrong ones fail, and what a measurement says is so."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import pytest

from workloads.record import Case, Timing, to_json
from workloads.workload import find, known

InImage = Callable[..., str]

QUICK = Timing(warmup_s=0.05, measure_s=0.1, min_samples=3, min_sample_s=0.005)

SMALL: dict[str, dict[str, int]] = {
    "matmul": {"n": 200},
    "branches": {"n": 32},
    "conv": {"size": 9, "channels": 8, "batch": 3},
    "mlp_training": {"features": 20, "hidden": 32, "examples": 500},
}

WRONG: dict[str, list[str]] = {
    "matmul": [
        # One part of a division of the rows among threads is not computed.
        "m = tf.linalg.matmul; tf.linalg.matmul = lambda a, b: tf.concat([m(a[:175], b), tf.zeros((25, 200))], 0)",
        # The last term of each sum is left out.
        "m = tf.linalg.matmul; tf.linalg.matmul = lambda a, b: m(a[:, :-1], b[:-1])",
        "m = tf.linalg.matmul; tf.linalg.matmul = lambda a, b: m(a, b) + float('nan')",
    ],
    "branches": [
        # One branch's result stands in for another's.
        "s = tf.stack; tf.stack = lambda ends: s([ends[1], *ends[1:]])",
        # The matrices are multiplied from the wrong side.
        "m = tf.linalg.matmul; tf.linalg.matmul = lambda a, b: m(b, a)",
    ],
    "conv": [
        "tf.nn.relu = lambda x: x",
        # The kernel's rows are upside down.
        "c = tf.nn.conv2d; tf.nn.conv2d = lambda x, k, **how: c(x, k[::-1], **how)",
    ],
    "mlp_training": [
        # The forward pass is right, and half the gradient is lost below the last layer.
        "r = tf.nn.relu; tf.nn.relu = lambda x: r((x + tf.stop_gradient(x)) / 2)",
        # Steps in the wrong direction.
        "g = tf.GradientTape.gradient; tf.GradientTape.gradient = lambda *a: [-slope for slope in g(*a)]",
        "tf.nn.relu = tf.nn.elu",
    ],
}

CHECK = """
import json, numpy as np, tensorflow as tf
from workloads.workload import find

def check(fault, name={name!r}):
    kept = {{(owner, key): getattr(owner, key) for owner, key in (
        (tf, "stack"), (tf.linalg, "matmul"), (tf.nn, "relu"), (tf.nn, "conv2d"), (tf.GradientTape, "gradient"))}}
    exec(fault, globals())
    module = find(name)
    subject = module.build(module.Params.of({params!r}), np.random.default_rng(1))
    first = subject.check_first(subject.call())
    last = subject.check_last(subject.call())
    for (owner, key), value in kept.items():
        setattr(owner, key, value)
    return [first.passed, last.passed, first.error]

print(json.dumps([check(fault) for fault in {faults!r}]))
"""


def test_each_workload_has_a_small_case_and_wrong_variants_here() -> None:
    assert set(SMALL) == set(WRONG) == set(known())


@pytest.mark.parametrize("name", sorted(SMALL))
def test_an_output_check_passes_what_is_right_and_fails_what_is_wrong(in_image: InImage, name: str) -> None:
    faults = ["pass", *WRONG[name], "pass"]
    outcomes = json.loads(in_image(CHECK.format(name=name, params=SMALL[name], faults=faults)).splitlines()[-1])
    for fault, (first, last, error) in zip(faults, outcomes, strict=True):
        if fault == "pass":
            assert (first, last) == (True, True)
            assert error < 1e-4
        else:
            assert not first, fault


def test_training_that_diverged_while_timed_fails_the_last_check(in_image: InImage) -> None:
    code = """
import numpy as np, tensorflow as tf
from workloads import mlp_training as m
subject = m.build(m.Params(features=20, hidden=32, examples=500), np.random.default_rng(1))
losses = subject.call()
print(*(subject.check_last(wrong).passed for wrong in (losses, losses * float("nan"), losses * 2)))
"""
    assert in_image(code).split() == ["True", "False", "False"]


def measured(in_image: InImage, case: Case, **environment: str) -> dict[str, Any]:
    """The measurement of the worker as the container's process would write it."""
    code = f"import sys; from workloads.worker import main; sys.exit(main([{to_json(case)!r}]))"
    lines = in_image(code, **environment).splitlines()
    assert len(lines) == 1
    document: dict[str, Any] = json.loads(lines[0])
    return document


@pytest.mark.parametrize("name", sorted(SMALL))
def test_a_measurement_is_sound_and_small(in_image: InImage, name: str) -> None:
    """At the default timing, while oneDNN fills standard output with its own lines."""
    case = Case(name, SMALL[name], 1, 1, Timing(0.5, 1.5, 5, 0.005), seed=1)
    document = measured(in_image, case, ONEDNN_VERBOSE="1")
    assert document["check"]["passed"]
    assert document["observed"]["traces"] == 0
    assert len(document["samples"]) >= 5
    assert 0 < document["observed"]["cpu_per_wall"] <= len(document["observed"]["cpus"]) + 0.1
    # Six significant digits a sample; how many samples there are is the machine's speed, not the record's thrift.
    taken = len(document["samples"]) + len(document["warmup"])
    assert len(json.dumps(document, separators=(",", ":"))) <= 1_500 + len("0.000123456,") * taken


@pytest.mark.parametrize(("intra", "inter"), [(1, 1), (8, 5), (3, None)])
def test_the_pools_that_are_seen_are_those_that_were_asked_for(
    in_image: InImage, intra: int, inter: int | None
) -> None:
    observed = measured(in_image, Case("matmul", {"n": 64}, intra, inter, QUICK, seed=1))["observed"]
    assert observed["intra_threads"] == intra
    assert observed["inter_threads"] == (inter or len(observed["cpus"]))


def test_onednn_is_seen_to_be_on_and_off(in_image: InImage) -> None:
    case = Case("conv", SMALL["conv"], 1, 1, QUICK, seed=1)
    for value, on in (("1", True), ("0", False)):
        assert measured(in_image, case, TF_ENABLE_ONEDNN_OPTS=value)["observed"]["onednn"] is on


def test_one_seed_gives_one_input_and_another_seed_another(in_image: InImage) -> None:
    code = f"""
import json, numpy as np
from workloads.workload import find
for name, params in {SMALL!r}.items():
    module = find(name)
    sums = [float(np.sum(module.build(module.Params.of(params), np.random.default_rng(seed)).call()))
            for seed in (1, 1, 2)]
    print(name, sums[0] == sums[1], sums[1] == sums[2])
"""
    assert in_image(code, TF_NUM_INTRAOP_THREADS="1") == "".join(f"{name} True False\n" for name in SMALL)


def test_time_grows_with_the_work_so_that_nothing_is_folded_or_pruned(in_image: InImage) -> None:
    """Eight times the work takes at least three times as long: what vanishes takes no time at all."""
    sizes = {
        "matmul": ({"n": 512}, {"n": 1024}),
        "branches": ({"k": 2, "n": 128}, {"k": 16, "n": 128}),
        "conv": ({"batch": 2}, {"batch": 16}),
        "mlp_training": ({"examples": 512}, {"examples": 4096}),
    }
    assert set(sizes) == set(known())
    code = f"""
import time, numpy as np
from workloads.workload import find

def shortest(name, params):
    module = find(name)
    call = module.build(module.Params.of(params), np.random.default_rng(1)).call
    times = []
    for _ in range(13):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times[3:])

for name, (small, large) in {sizes!r}.items():
    print(name, shortest(name, large) / shortest(name, small))
"""
    for line in in_image(code, TF_NUM_INTRAOP_THREADS="1", TF_NUM_INTEROP_THREADS="1").splitlines():
        name, growth = line.split()
        assert float(growth) > 3, name


def test_parameters_of_these_tests_are_within_their_ranges() -> None:
    for name, params in SMALL.items():
        assert asdict(find(name).Params.of(params)).items() >= params.items()
