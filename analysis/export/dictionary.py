"""What every column of every table means: name, type, unit, meaning.

A type is text, integer, number or boolean; empty cells are unknown, or there is nothing to say. A unit of 1 is a plain
ratio or count. The column `knob:NAME` stands for one column for each knob of the plan.
"""

from __future__ import annotations

from typing import NamedTuple


class Column(NamedTuple):
    """One column of a table."""

    name: str
    type: str
    unit: str
    meaning: str


TEXT, INTEGER, NUMBER, BOOLEAN = "text", "integer", "number", "boolean"
KNOB = "knob:NAME"

_SETTING = (
    Column("sweep", TEXT, "", "the experiment, as named in the config"),
    Column("workload", TEXT, "", "what was run, as named in the config"),
    Column("definition", TEXT, "", "identity of all that the records of this sweep and workload depend on"),
    Column("setting", TEXT, "", "identity of the setting's values"),
    Column("label", TEXT, "", "the setting as knob=value, resolved on this machine"),
)

_LAUNCHES = (
    Column("id", TEXT, "", "the record's id: sweep/workload@definition/round/position"),
    *_SETTING,
    Column("round", INTEGER, "1", "from 1; in a round every setting runs once"),
    Column("position", INTEGER, "1", "place in the round, from 1; repeated launches come last"),
    Column("status", TEXT, "", "ok, or in what way the launch failed"),
    Column("attempt", INTEGER, "1", "from 1; more where the machine disturbed the launch before"),
    Column("disturbed", TEXT, "", "why the canary says that the machine was not quiet; empty: it was"),
    Column("set_aside", BOOLEAN, "", "whether the launch was disturbed and does not count"),
    Column("median_s", NUMBER, "s", "median time of a call over the timed samples: the launch's statistic"),
    Column("mean_s", NUMBER, "s", "their mean"),
    Column("p5_s", NUMBER, "s", "their 5th percentile"),
    Column("p95_s", NUMBER, "s", "their 95th percentile; of single calls where calls_per_sample is 1"),
    Column("p99_s", NUMBER, "s", "their 99th percentile, likewise"),
    Column("halves_ratio", NUMBER, "1", "median of the second half of the samples over that of the first"),
    Column("throughput", NUMBER, "work units/s", "work_amount over median_s, in work_unit a second"),
    Column("steadiness", TEXT, "", "flat, warming up, slowing down or unsteady; empty: too few samples to say"),
    Column("steady_from", INTEGER, "1", "index of the timed sample from which on all are at the last level"),
    Column("samples", INTEGER, "1", "timed samples, without warm-up"),
    Column("calls_per_sample", INTEGER, "1", "calls that one sample takes together"),
    Column("work_amount", NUMBER, "work units", "work of one call, in work_unit"),
    Column("work_unit", TEXT, "", "FLOP, byte or example"),
    Column("metric", TEXT, "", "what the workload is about: throughput or latency"),
    Column("start_s", NUMBER, "s", "start of the process until TensorFlow is imported"),
    Column("import_s", NUMBER, "s", "import of TensorFlow"),
    Column("build_s", NUMBER, "s", "context, inputs, model"),
    Column("first_call_s", NUMBER, "s", "first call, with tracing and compilation"),
    Column("check_s", NUMBER, "s", "check of the first and the last output"),
    Column("warmup_s", NUMBER, "s", "calls before the timed ones"),
    Column("timing_s", NUMBER, "s", "timed calls"),
    Column("canary_s", NUMBER, "s", "canary before and after"),
    Column("check_passed", BOOLEAN, "", "whether the outputs were within the tolerance"),
    Column("check_error", NUMBER, "1", "largest relative error of an output; empty if not finite"),
    Column("check_tolerance", NUMBER, "1", "the relative error that is allowed"),
    Column("check_reference", TEXT, "", "what the outputs were held against"),
    Column("observed_intra", INTEGER, "threads", "intra-op threads that were seen"),
    Column("observed_inter", INTEGER, "threads", "inter-op threads that were seen"),
    Column("observed_threads", INTEGER, "threads", "all threads of the process after timing"),
    Column("observed_cpus", INTEGER, "CPUs", "CPUs in the affinity mask"),
    Column("cpu_per_wall", NUMBER, "1", "CPU time over wall time while timing: the effective parallelism"),
    Column("onednn", BOOLEAN, "", "whether TensorFlow's oneDNN operations were on"),
    Column("devices", TEXT, "", "TensorFlow's logical devices, separated by commas"),
    Column("traces", INTEGER, "1", "new traces of the timed function while timing: 0 if the timing is sound"),
    Column("allocator", TEXT, "", "the library that gives memory"),
    Column("throttled_s", NUMBER, "s", "how long a CPU quota held the container up while timing"),
    Column("canary_one_before", NUMBER, "s", "the canary on one CPU before the measurement"),
    Column("canary_one_after", NUMBER, "s", "the canary on one CPU after it"),
    Column("canary_capacity_before", NUMBER, "CPUs", "how many CPUs' work got done at once, before"),
    Column("canary_capacity_after", NUMBER, "CPUs", "how many CPUs' work got done at once, after"),
    Column("load", NUMBER, "1", "the machine's load average over one minute, at the end"),
    Column("steal_s", NUMBER, "s", "CPU time that the hypervisor kept during the launch, all CPUs together"),
    Column("pressure_s", NUMBER, "s", "time in which some process of the machine waited for a CPU"),
    Column("mhz", NUMBER, "MHz", "mean frequency of the CPUs, at the end"),
    Column("celsius", NUMBER, "°C", "the hottest sensor, at the end"),
    Column("cpu_s", NUMBER, "s", "CPU time of the timed section, user and system"),
    Column("peak_rss_bytes", INTEGER, "bytes", "most memory that the process held"),
    Column("voluntary_switches", INTEGER, "1", "voluntary context switches while timing"),
    Column("involuntary_switches", INTEGER, "1", "involuntary context switches while timing"),
    Column("tensorflow", TEXT, "", "TensorFlow's version, as seen in the container"),
    Column("asked_intra", INTEGER, "threads", "intra-op threads that TensorFlow's rules give for what was asked"),
    Column("asked_inter", INTEGER, "threads", "inter-op threads, likewise"),
    Column("message", TEXT, "", "why there is no valid measurement"),
    Column("last_stderr", TEXT, "", "the last line of a failed launch's standard error"),
    Column("wall_s", NUMBER, "s", "the whole launch, the engine's work included"),
    Column("engine_s", NUMBER, "s", "the engine's part: create, start, collect, remove"),
    Column("gate_s", NUMBER, "s", "what the gate before a round took, at the round's first launch; not in wall_s"),
    Column("started_at", TEXT, "", "UTC, ISO 8601"),
    Column("session", TEXT, "", "identity of the process that ran the launch"),
    Column("cpuset", TEXT, "", "the CPUs of the container"),
    Column("image", TEXT, "", "the image's name"),
    Column("image_content", TEXT, "", "the image's content identity"),
    Column("file", TEXT, "", "where the record is, below the machine's folder"),
    Column("line", INTEGER, "1", "its line in that file, from 1"),
    Column(KNOB, TEXT, "", "the knob's value; default where it is left alone, empty where the sweep does not name it"),
)

_SAMPLES = (
    Column("id", TEXT, "", "the record's id, as in launches"),
    Column("index", INTEGER, "1", "from 0, in order, warm-up included"),
    Column("seconds", NUMBER, "s", "time of a call"),
    Column("warmup", BOOLEAN, "", "whether it was taken before the timed samples"),
)

_COMPARISONS = (
    *_SETTING,
    Column("baseline", TEXT, "", "identity of the setting that it is compared with"),
    Column("baseline_label", TEXT, "", "that setting as knob=value"),
    Column("rounds", INTEGER, "1", "rounds as planned"),
    Column("pairs", INTEGER, "1", "rounds in which both gave a valid measurement"),
    Column("missing", INTEGER, "1", "rounds less pairs"),
    Column("verdict", TEXT, "", "faster, slower, equivalent, no difference resolved, or why it was not compared"),
    Column("speedup", NUMBER, "1", "work a second over the baseline's: geometric mean over the pairs"),
    Column("low", NUMBER, "1", "lower bound of its 95 % interval, for this comparison alone"),
    Column("high", NUMBER, "1", "upper bound"),
    Column("sd_log_ratio", NUMBER, "1", "standard deviation of the pairs' log-ratios"),
    Column("p", NUMBER, "1", "of the paired two-sided t-test, unadjusted"),
    Column("p_adjusted", NUMBER, "1", "after Holm's adjustment over the sweep's comparisons"),
    Column("family", INTEGER, "1", "comparisons that were adjusted together"),
    Column("p_equivalence", NUMBER, "1", "of two one-sided tests at the margin, unadjusted"),
    Column("margin", NUMBER, "1", "0.02: speed-ups from 1/1.02 to 1.02 make no difference that matters"),
    Column("resolvable", NUMBER, "1", "smallest true speed-up that would be called in 4 of 5 repeats"),
    Column("speedup_of_means", NUMBER, "1", "as speedup, with launches summed up by means"),
    Column("unsteady", INTEGER, "1", "of the paired launches, both settings', those whose samples were unsteady"),
    Column("median_s", NUMBER, "s", "time of a call: median over the setting's paired launches"),
    Column("baseline_median_s", NUMBER, "s", "the same of the baseline's"),
    Column("error", NUMBER, "1", "largest relative error of the setting's outputs"),
    Column("baseline_error", NUMBER, "1", "largest relative error of the baseline's outputs"),
    Column("directory", TEXT, "", "where the records are, below the machine's folder"),
    Column("records", TEXT, "", "ROUND/POSITION of the setting's paired launches, separated by spaces"),
    Column("baseline_records", TEXT, "", "those of the baseline, in the same order"),
)

_CLAIMS = (
    Column("id", TEXT, "", "the claim's name in config/claims.yaml"),
    Column("sentence", TEXT, "", "the claim, in our words"),
    Column("source", TEXT, "", "who says it, in short"),
    Column("title", TEXT, "", "the source in full"),
    Column("verdict", TEXT, "", "supported, refuted, undecided, or not testable here"),
    Column("tests", TEXT, "", "kinds of its tests, separated by spaces"),
    Column("found", TEXT, "", "what was found; the test on which the verdict hangs comes first"),
    Column("reason", TEXT, "", "why there is no verdict"),
    Column("refuted_by", TEXT, "", "what would refute the claim"),
    Column("places", TEXT, "", "SWEEP/WORKLOAD that was looked at, or a fact of the audit; separated by semicolons"),
    Column("directories", TEXT, "", "where those records are, below the machine's folder; separated by spaces"),
    Column("figure", TEXT, "", "stem of the figure that shows it"),
    Column("measure", TEXT, "", "what the effect is: a speed-up, a ratio of two speed-ups, and so on"),
    Column("effect", NUMBER, "1", "the number on which the verdict hangs"),
    Column("low", NUMBER, "1", "lower bound of its 95 % interval, for that test alone"),
    Column("high", NUMBER, "1", "upper bound"),
    Column("p", NUMBER, "1", "the smaller of the p for and the p against the claim"),
    Column("p_adjusted", NUMBER, "1", "after Holm's adjustment over the claims"),
    Column("family", INTEGER, "1", "claims that were adjusted together"),
)

_RECOMMENDATIONS = (
    *_SETTING,
    Column("stays", TEXT, "", "yes: TensorFlow's defaults are recommended; no: another setting"),
    Column("gain", NUMBER, "1", "speed over the defaults', on rounds that had no part in the choice"),
    Column("low", NUMBER, "1", "lower bound of its 95 % interval"),
    Column("high", NUMBER, "1", "upper bound"),
    Column("regret", NUMBER, "1", "the best measured setting's speed, luck included, over the recommended one's"),
    Column("rival", TEXT, "", "where the defaults stay: the best of the others, if it is faster on average"),
    Column("rival_gain", NUMBER, "1", "its gain, as above"),
    Column("rival_low", NUMBER, "1", "lower bound of its 95 % interval"),
    Column("rival_high", NUMBER, "1", "upper bound"),
    Column("rounds", INTEGER, "1", "rounds in which every setting counts"),
    Column("rounds_planned", INTEGER, "1", "rounds as planned"),
    Column("words", TEXT, "", "the reason"),
    Column("file", TEXT, "", "environment variables for `docker run --env-file`, below the machine's folder"),
    Column("directory", TEXT, "", "where the records are, below the machine's folder"),
)

_COMPONENTS = (
    Column("workload", TEXT, "", "what was run, as named in the config, over all its sweeps"),
    Column("launches", INTEGER, "1", "launches that count"),
    Column("sd_rounds", NUMBER, "1", "standard deviation of log time between rounds"),
    Column("sd_launches", NUMBER, "1", "standard deviation of log time between launches of a round"),
    Column("sd_within", NUMBER, "1", "standard deviation of a launch's median of log time, at measure_s"),
    Column("measure_s", NUMBER, "s", "timed seconds of a launch"),
    Column("other_s", NUMBER, "s", "its other seconds, with its share of launches that do not count"),
    Column("settings", INTEGER, "1", "launches of a round, over all sweeps"),
    Column("target", NUMBER, "1", "half-width of a comparison's 95 % interval that is aimed at"),
    Column("rounds", INTEGER, "1", "rounds that reach it with launches as they are; empty: more than 1000"),
    Column("minutes", NUMBER, "min", "time that all settings take for it"),
    Column("best_measure_s", NUMBER, "s", "the cheapest timed seconds of a launch"),
    Column("best_rounds", INTEGER, "1", "rounds that reach the target with those"),
    Column("best_minutes", NUMBER, "min", "time that all settings take for it"),
)

TABLES = {
    "launches": _LAUNCHES,
    "samples": _SAMPLES,
    "comparisons": _COMPARISONS,
    "claims": _CLAIMS,
    "recommendations": _RECOMMENDATIONS,
    "components": _COMPONENTS,
}


def column_of(table: str, name: str) -> Column | None:
    """What a column of a table is; None if nobody has told."""
    wanted = KNOB if name.startswith("knob:") else name
    return next((column for column in TABLES[table] if column.name == wanted), None)
