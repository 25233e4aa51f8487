"""The roofline's two sides: the peaks by their records, and each workload's intensity by its parameters."""

import dataclasses

import pytest

from analysis.figures.intensity import has_intensity, intensity
from analysis.figures.labels import spread
from analysis.figures.peaks import Peaks, full_precision, peaks, standings
from analysis.tables.tables import read_launches
from containers.rounds.peaks import peak_cells
from tests.made.simulated import failed, resampled, set_aside, simulated_plan, switch
from tests.unit.analysis.figures.test_draw import build_all_kinds, simulated_peaks
from workloads.harness.contract import find, known


def test_a_peak_is_the_fastest_sample():
    highest = peaks(simulated_peaks())
    assert isinstance(highest, Peaks)
    assert (highest.flops, highest.bandwidth) == (pytest.approx(2.7e10), pytest.approx(1e9))
    assert not highest.disturbed
    assert (highest.roof(1.0), highest.roof(100.0)) == (pytest.approx(1e9), pytest.approx(2.7e10))


def test_of_several_launches_the_fastest_counts():
    first, second = simulated_peaks()
    slow, spell = resampled(first, [1.0]), set_aside(first)
    highest = peaks([spell, slow, failed(first), second])
    assert isinstance(highest, Peaks)
    assert highest.flops == pytest.approx(2.7e10)


def test_peaks_that_were_never_undisturbed_are_doubted():
    first, second = simulated_peaks()
    spell = set_aside(first)
    assert peaks([spell, second]) == Peaks(pytest.approx(2.7e10), pytest.approx(1e9), "cpu", disturbed=True)
    assert peaks([spell, first, second]) == Peaks(pytest.approx(2.7e10), pytest.approx(1e9), "cpu", disturbed=False)


def test_peaks_that_are_not_known_say_why():
    first, second = simulated_peaks()
    assert peaks([]) == "this run did not measure the machine's peaks"
    assert peaks([first]) == "the launches that measure the peaks failed (some are missing)"
    assert peaks([first, failed(second)]) == "the launches that measure the peaks failed (reduction: simulated abort)"


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        ("matmul", 2048 / 6),
        ("conv", 2 * 2 * 8 * 56**2 * 9 * 64**2 / (4 * (2 * 8 * 56**2 * 64 + 2 * 9 * 64**2))),
        ("elementwise", 16 / 12),
        ("branches", 2 * 16 * 192**3 / (4 * (2 * 192**2 + 192))),
        ("matvec", 0.5),
        ("reduction", 0.25),
        ("embedding_lookup", 0.25),
        ("batched_matmul", 128 / 4),
    ],
)
def test_intensity_follows_from_the_definition(module, expected):
    """FLOP of a call over the bytes of its inputs and results, with the workload's default parameters."""
    params = dataclasses.asdict(find(module).Params())
    amounts = {
        "matmul": (2.0 * 2048**3, "FLOP"),
        "conv": (2.0 * 2 * 8 * 56**2 * 9 * 64**2, "FLOP"),
        "elementwise": (2.0 * 8 * (1 << 22), "FLOP"),
        "branches": (2.0 * 8 * 16 * 192**3, "FLOP"),
        "matvec": (4.0 * 6144**2, "byte"),
        "reduction": (4.0 * 8192 * 4096, "byte"),
        "embedding_lookup": (4.0 * 4096 * 32 * 32, "byte"),
        "batched_matmul": (4.0 * 16 * 12 * 128**2 * 64, "FLOP"),
    }
    assert intensity(module, params, *amounts[module]) == pytest.approx(expected)


def test_every_known_intensity_can_be_had_with_the_module_s_own_parameters():
    modules = [module for module in known() if has_intensity(module)]
    assert len(modules) == 15
    for module in modules:
        ratio = intensity(module, dataclasses.asdict(find(module).Params()), 1e9, "FLOP")
        assert ratio is not None, module
        assert ratio > 0


def test_an_intensity_that_cannot_be_had_is_none():
    assert intensity("mlp_training", {}, 1.0, "example") is None
    assert intensity("matmul", {"n": 4}, 1.0, "example") is None
    assert intensity("matmul", {"size": 4}, 1.0, "FLOP") is None
    assert intensity("matmul", {"n": 0}, 1.0, "FLOP") is None


def test_only_float32_stands_under_the_roof():
    cell = dataclasses.replace(simulated_plan([switch()]).cells[0], params={"n": 4, "precision": "float32"})
    plain = cell.settings[0]
    assert full_precision(cell, plain)
    for knob, value in (("precision", "bfloat16"), ("ONEDNN_DEFAULT_FPMATH_MODE", "BF16")):
        assert not full_precision(cell, dataclasses.replace(plain, resolved={knob: value}))
    assert not full_precision(dataclasses.replace(cell, params={"n": 4, "precision": "bfloat16"}), plain)


def test_a_workload_stands_at_its_slowest_and_fastest_setting(tmp_path):
    plan = build_all_kinds(tmp_path)
    launches = read_launches(tmp_path)
    results = {standing.workload: standing for standing in standings(plan, launches, "cpu")}
    assert results.keys() == {"matmul", "conv", "branches"}  # no model, whose bytes are not known
    branches = results["branches"]
    assert branches.intensity == pytest.approx(512 / 6, rel=1e-5)
    counted = launches[(launches["workload"] == "branches") & ~launches["set_aside"]]
    medians = counted.groupby("setting")["throughput"].median()
    assert (branches.slowest, branches.fastest) == (pytest.approx(medians.min()), pytest.approx(medians.max()))
    assert standings(plan, launches, "cuda") == []
    chosen = launches["setting"] == plan.cells[3].settings[1].id
    absurd = launches.assign(throughput=launches["throughput"].mask(chosen, 1e15), set_aside=chosen)
    assert max(standing.fastest for standing in standings(plan, absurd, "cpu")) < 1e12


def test_the_launches_of_the_peaks_are_valid_and_belong_to_the_image():
    plan = simulated_plan([switch()])
    product, reduction = peak_cells(plan)
    assert (product.module, reduction.module) == ("matmul", "reduction")
    assert reduction.params["rows"] * reduction.params["columns"] * 4 == 1 << 30
    other = peak_cells(dataclasses.replace(plan, images={"cpu": "22222222"}))
    assert {entry.definition for entry in other}.isdisjoint({product.definition, reduction.definition})


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        ([0.5], [0.5]),
        ([0.5, 0.5], [0.5, 0.6]),
        ([0.9, 0.95, 1.0], [0.75, 0.85, 0.95]),
        ([0.0, 0.3], [0.05, 0.3]),
        ([], []),
    ],
)
def test_names_are_spread_near_their_points(shares, expected):
    assert spread(shares, 0.1) == pytest.approx(expected)
