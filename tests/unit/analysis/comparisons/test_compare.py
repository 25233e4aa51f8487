"""Statistics held against values worked out by hand, by simulation, and for every way in which data can be missing."""

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest
import scipy.stats

from analysis.comparisons import compare as stats
from analysis.comparisons.compare import adjust, comparisons
from analysis.comparisons.comparison import COMPARISONS, Comparison
from analysis.comparisons.verdict import Verdict
from analysis.records.folder import Line
from analysis.statistics.holm import holm
from analysis.statistics.log_mean import estimate
from analysis.statistics.power import smallest_resolvable
from analysis.tables.tidy import tidy
from tests.made.known_truth import Truth, launches_of, plan_of
from tests.made.simulated import Clock, SimulatedCell, failed, simulated_plan, simulated_record
from workloads.vocabulary.errors import AnalysisError
from workloads.vocabulary.record import Record, Status

BASE, OTHER = {"intra_op": None}, {"intra_op": 1}


def compare(times, other=None, change=lambda record: record, rounds=None):
    """The one comparison of a cell whose launches took `times` (baseline) and `other` seconds, a round each."""
    other = times if other is None else other
    plan = simulated_plan([SimulatedCell("s", "w", [BASE, OTHER], [1, 1], rounds or len(times))])
    cell, clock, lines = plan.cells[0], Clock(), []
    for number, pair in enumerate(zip(times, other, strict=True), start=1):
        for position, (setting, seconds) in enumerate(zip(cell.settings, pair, strict=True), start=1):
            if seconds is not None:
                record = change(simulated_record(cell, setting, number, position, [seconds] * 3, clock))
                lines.append(Line(f"{cell.directory}/{number}.jsonl", position, record))
    (rows,) = comparisons(plan, tidy(lines, plan).launches)
    return rows


def is_other(record: Record) -> bool:
    return record.setting.resolved == OTHER


def test_interval_is_students_on_the_mean_log_ratio():
    """Log-ratios 0.1, 0.2, 0.3: mean 0.2, sd 0.1, t(2 df) = 4.302653, so half-width 0.248414."""
    result = estimate(np.array([0.1, 0.2, 0.3]))
    assert result.pairs == 3
    assert result.ratio == pytest.approx(math.exp(0.2))
    assert result.sd_log_ratio == pytest.approx(0.1)
    assert result.low == pytest.approx(math.exp(0.2 - 0.2484138), rel=1e-6)
    assert result.high == pytest.approx(math.exp(0.2 + 0.2484138), rel=1e-6)
    assert result.p == pytest.approx(scipy.stats.ttest_1samp([0.1, 0.2, 0.3], 0).pvalue)


def test_one_pair_gives_a_speedup_and_nothing_more():
    result = estimate(np.array([math.log(2)]))
    assert (result.ratio, result.low, result.high, result.p) == (pytest.approx(2), None, None, None)


def test_equal_log_ratios_give_an_interval_of_no_width_and_no_test():
    result = estimate(np.array([0.3, 0.1 + 0.2, 0.3]))  # equal but for rounding
    assert result.low == result.high == result.ratio
    assert (result.sd_log_ratio, result.p) == (0.0, None)


def test_two_wild_pairs_overflow_nothing():
    result = estimate(np.array([-300.0, 300.0]))
    assert result.low == 0
    assert result.high == math.inf


def test_holm_on_the_textbook_example():
    """Sorted p times 4, 3, 2, 1, made monotone: 0.005 -> 0.02; 0.01 -> 0.03; 0.03 -> 0.06; 0.04 -> 0.06."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_holm_of_nothing_is_nothing():
    assert holm([]) == []


@pytest.mark.parametrize(("pairs", "family"), [(3, 1), (5, 1), (5, 24), (20, 100)])
def test_a_true_difference_of_the_resolvable_size_has_a_power_of_80_percent(pairs, family):
    """Against the noncentral t distribution itself, whose inverse the code uses."""
    shift = math.log(smallest_resolvable(0.03 / math.sqrt(pairs), pairs - 1, family)) / (0.03 / math.sqrt(pairs))
    critical = scipy.stats.t.isf(0.05 / family / 2, pairs - 1)
    assert scipy.stats.nct.sf(critical, pairs - 1, shift) == pytest.approx(0.8, abs=1e-4)


def test_power_of_80_percent_in_simulation():
    random = np.random.default_rng(2)
    shift = math.log(smallest_resolvable(0.03 / math.sqrt(5), 4, 1))
    called = [estimate(random.normal(shift, 0.03, 5)).p < 0.05 for _ in range(2000)]
    assert 0.77 < np.mean(called) < 0.83


def test_coverage_of_the_interval_in_simulation():
    """2,000 experiments of 5 rounds: the 95 % interval holds the truth in 93 to 97 % of them."""
    random = np.random.default_rng(1)
    results = [estimate(row) for row in random.normal(math.log(1.1), 0.03, (2000, 5))]
    assert 0.93 < np.mean([result.low <= 1.1 <= result.high for result in results]) < 0.97


def test_faster_is_above_one_and_slower_below():
    noise = [1.00, 1.01, 0.99, 1.005]
    assert compare(noise, [0.5, 0.51, 0.5, 0.5]).verdict == "faster"
    assert compare(noise, [0.5, 0.51, 0.5, 0.5]).ratio == pytest.approx(1.99, abs=0.01)
    assert compare(noise, [2.0, 2.01, 2.0, 2.0]).verdict == "slower"
    assert compare(noise, [1.1, 0.9, 1.0, 1.0]).verdict == "no difference resolved"


def test_equivalent_is_what_lies_within_the_margin_and_is_no_resolved_difference():
    noise = [1.00, 1.01, 0.99, 1.005]
    comparison = compare(noise, [1.01, 1.0, 1.0, 1.0])
    assert (comparison.verdict, comparison.margin) == ("equivalent", 0.02)
    assert comparison.p_equivalence < 0.05 <= comparison.p_adjusted
    assert compare(noise, [1.1, 0.9, 1.0, 1.0]).p_equivalence > 0.05


def test_a_difference_that_is_resolved_stays_one_however_small():
    comparison = compare([1.0, 1.001, 0.999, 1.0], [0.9951, 0.9959, 0.994, 0.995])
    assert (comparison.verdict, comparison.p_equivalence < 0.05) == ("faster", True)


def test_equivalence_is_two_one_sided_t_tests():
    """Against SciPy's own one-sided tests, at both ends of the margin."""
    values, bound = np.array([0.01, -0.02, 0.015, 0.0]), math.log(1.05)
    above = scipy.stats.ttest_1samp(values, -bound, alternative="greater").pvalue
    below = scipy.stats.ttest_1samp(values, bound, alternative="less").pvalue
    assert estimate(values, margin=0.05).p_equivalence == pytest.approx(max(above, below))
    assert estimate(values[:1]).p_equivalence is None
    assert estimate(np.zeros(3)).p_equivalence is None


TRUTH = Truth("s", "w", [(BASE, 1.0), (OTHER, 2.0)])


def compare_table(change, noise=0.01):
    """The one comparison of a simulated cell, whose launches `change` may alter; `ours` are those of OTHER."""
    rows = launches_of([TRUTH], noise=noise).reset_index(drop=True)
    (result,) = comparisons(plan_of([TRUTH]), change(rows, rows["position"] == 2))
    return result


def put(rows, where, **values):
    for column, value in values.items():
        rows[column] = rows[column].where(~where, value)
    return rows


def test_settings_whose_calls_differ_in_work_compare_by_work_a_second():
    """A call of four times the work in twice the time is twice as fast."""
    comparison = compare_table(
        lambda rows, chosen: put(
            *(rows, chosen),
            work_amount=rows["work_amount"] * 4,
            call_s=rows["call_s"] * 4,
        )
    )
    assert comparison.ratio == pytest.approx(2, rel=0.02)
    assert comparison.call_s > comparison.baseline_call_s


def test_two_units_are_not_compared():
    comparison = compare_table(lambda rows, chosen: put(rows, chosen, work_unit="byte"))
    assert (comparison.verdict, comparison.ratio) == ("not compared: two units", None)


def test_launches_set_aside_are_left_out():
    comparison = compare_table(
        lambda rows, chosen: put(rows, chosen & (rows["round"] < 3), set_aside=True, throughput=1e-9)
    )
    assert (comparison.pairs, comparison.missing, comparison.verdict) == (3, 2, "faster")
    assert comparison.records == ("3/2", "4/2", "5/2")
    comparison = compare_table(lambda rows, chosen: put(rows, chosen, set_aside=True))
    assert (comparison.verdict, comparison.ratio) == ("not compared: every launch set aside", None)


@pytest.mark.parametrize("speed", [math.nan, math.inf, 0.0, -1.0])
def test_a_time_that_is_no_positive_number_is_no_measurement(speed):
    comparison = compare_table(lambda rows, chosen: put(rows, chosen & (rows["round"] == 2), throughput=speed))
    assert (comparison.pairs, comparison.verdict) == (4, "faster")
    comparison = compare_table(lambda rows, chosen: put(rows, chosen, throughput=speed))
    assert (comparison.verdict, comparison.ratio) == ("not compared: every launch failed", None)
    comparison = compare_table(lambda rows, chosen: put(rows, ~chosen, throughput=speed))
    assert (comparison.verdict, comparison.ratio) == ("no baseline", None)


def test_two_launches_that_count_in_one_block_are_refused():
    with pytest.raises(AnalysisError, match="is the second launch of its setting that counts in one block"):
        compare_table(lambda rows, chosen: pd.concat([rows, rows[chosen].head(1)]))


def test_drift_between_rounds_cancels():
    """Rounds that differ tenfold change nothing: only the ratio within a round counts."""
    steady, drifting = np.array([1.0, 1.01, 0.99]), np.array([1.0, 10.0, 0.1])
    assert compare(drifting * steady, drifting * 0.5).low == pytest.approx(compare(steady, [0.5] * 3).low)


def test_one_round_is_not_resolved():
    comparison = compare([1.0], [0.5])
    assert (comparison.verdict, comparison.ratio, comparison.low) == (
        "not resolved: one round only",
        pytest.approx(2),
        None,
    )


def test_no_variance_is_said_and_not_called_a_difference():
    comparison = compare([1.0, 1.0, 1.0], [0.5, 0.5, 0.5])
    assert (comparison.verdict, comparison.family) == ("not resolved: no variance", 0)
    assert comparison.low == comparison.high == comparison.ratio == pytest.approx(2)


def test_a_failed_launch_takes_its_round_out_and_no_other():
    comparison = compare(
        [1.0, 1.01, 0.99],
        [0.5, 0.5, 0.5],
        lambda record: failed(record) if is_other(record) and record.round == 2 else record,
    )
    assert (comparison.pairs, comparison.missing, comparison.rounds) == (2, 1, 3)
    assert (comparison.records, comparison.baseline_records) == (("1/2", "3/2"), ("1/1", "3/1"))


def test_a_wrong_output_is_no_measurement():
    """It has a time, but of something else."""

    def wrong(record: Record) -> Record:
        failure = failed(record).failure
        return dataclasses.replace(record, status=Status.WRONG_OUTPUT, failure=failure) if is_other(record) else record

    comparison = compare([1.0, 1.1], [0.5, 0.5], wrong)
    assert (comparison.verdict, comparison.ratio) == ("not compared: every launch failed", None)


def test_missing_baseline():
    comparison = compare([1.0, 1.1], [0.5, 0.5], lambda record: record if is_other(record) else failed(record))
    assert (comparison.verdict, comparison.ratio, comparison.pairs) == ("no baseline", None, 0)


def test_setting_not_measured_yet():
    assert compare([1.0, 1.1], [None, None]).verdict == "not compared: not measured yet"


def test_no_round_with_both():
    assert compare([1.0, None], [None, 0.5]).verdict == "not compared: no round with both"


def test_two_contents_of_one_image_are_not_compared():
    def rebuilt(record: Record) -> Record:
        image = dataclasses.replace(record.image, content="sha256:other")
        return dataclasses.replace(record, image=image) if record.round == 2 else record

    comparison = compare([1.0, 1.1], [0.5, 0.5], rebuilt)
    assert (comparison.verdict, comparison.ratio) == ("not compared: two images", None)


def test_two_images_by_choice_are_compared():
    """The image is a knob: a setting may run in another one than its baseline, as long as neither changes."""

    def other_image(record: Record) -> Record:
        image = dataclasses.replace(record.image, name="cuda", content="sha256:other")
        return dataclasses.replace(record, image=image) if is_other(record) else record

    assert compare([1.0, 1.01, 0.99], [0.5, 0.5, 0.5], other_image).verdict == "faster"


def test_adjustment_is_over_the_whole_sweep():
    """Each of 40 comparisons with p = 0.002 is called alone, and none of them together."""
    comparison = compare([1.0, 1.01, 0.99], [0.97, 0.98, 0.975])
    comparison = dataclasses.replace(comparison, verdict="", p=0.002, p_adjusted=None, family=0)
    assert adjust([comparison])[0].verdict == "faster"
    together = adjust([comparison] * 40)
    assert {each.verdict for each in together} == {"no difference resolved"}
    assert {each.family for each in together} == {40}
    assert together[0].resolvable > adjust([comparison])[0].resolvable


def test_untestable_comparisons_do_not_count_in_the_adjustment():
    tested = dataclasses.replace(compare([1.0, 1.01, 0.99], [0.5, 0.5, 0.5]), verdict="")
    single = dataclasses.replace(compare([1.0], [0.5]), verdict="")
    assert adjust([tested, single])[0].p_adjusted == tested.p


def test_no_records_at_all():
    plan = simulated_plan([SimulatedCell("s", "w", [BASE, OTHER], [1, 1])])
    assert [comparison.verdict for comparison in comparisons(plan, tidy([], plan).launches)] == [Verdict.NO_LAUNCH]


def test_the_table_reads_back_as_written_ids_of_digits_included(tmp_path):
    """A setting's id such as 12345678 or 1234e567 is text, whatever it looks like."""
    result = dataclasses.replace(compare([1.0, 1.01], [0.5, 0.5]), setting="1234e567", baseline="00345678")
    empty = Comparison("s", "w", "d", "12345678", "l", "b", "b", 3, 0, 3, Verdict.NO_LAUNCH)
    COMPARISONS.write(tmp_path, [result, empty])
    inputs, two = COMPARISONS.read(tmp_path)
    assert (inputs.setting, inputs.baseline, inputs.records) == ("1234e567", "00345678", result.records)
    assert inputs.ratio == pytest.approx(result.ratio, rel=1e-5)
    assert two == empty


def test_the_table_of_no_comparison_has_its_columns(tmp_path):
    COMPARISONS.write(tmp_path, [])
    assert COMPARISONS.read(tmp_path) == []
    assert "verdict" in pd.read_parquet(tmp_path / COMPARISONS.file).columns


def test_command_says_what_is_missing(tmp_path, capsys):
    assert stats.main(["--results", str(tmp_path)]) == 2
    assert "plan.json is missing" in capsys.readouterr().err
