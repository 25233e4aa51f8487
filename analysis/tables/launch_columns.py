"""The columns of launches.parquet and samples.parquet: what each means, and how a launch gives it."""

from collections.abc import Callable
from statistics import median

from analysis.tables.callers import callers, worst_percentile
from analysis.tables.columns import KNOB, Column, Type, Value
from analysis.tables.launch import Launch, asked_threads
from analysis.tables.timed_slices import idle_cpus, timed_slices
from workloads.vocabulary.record import Measurement, Record, Turns

TEXT, INTEGER, NUMBER, BOOLEAN = Type.TEXT, Type.INTEGER, Type.NUMBER, Type.BOOLEAN


def _measured(name: str, kind: Type, unit: str, meaning: str, of: Callable[[Measurement], Value]) -> Column[Launch]:
    """A column that is null for a launch without a measurement."""

    def value(launch: Launch) -> Value:
        return None if launch.measurement is None else of(launch.measurement)

    return Column(name, kind, unit, meaning, value)


def _recorded(name: str, kind: Type, unit: str, meaning: str, of: Callable[[Record], Value]) -> Column[Launch]:
    """A column that every record has."""
    return Column(name, kind, unit, meaning, lambda launch: of(launch.record))


def _ticked(name: str, kind: Type, unit: str, meaning: str, of: Callable[[Turns], Value]) -> Column[Launch]:
    """A column that is null for a launch beside which no canary ran."""

    def value(launch: Launch) -> Value:
        turns = launch.record.turns
        return of(turns) if turns.ticks else None

    return Column(name, kind, unit, meaning, value)


LAUNCH_COLUMNS: tuple[Column[Launch], ...] = (
    _recorded("id", TEXT, "", "the record's id: sweep/workload@definition/round/position", lambda r: r.id),
    _recorded("sweep", TEXT, "", "the experiment, as named in the config", lambda r: r.sweep),
    _recorded("workload", TEXT, "", "what was run, as named in the config", lambda r: r.workload),
    _recorded(
        "definition",
        TEXT,
        "",
        "identity of all that the records of this sweep and workload depend on",
        lambda r: r.definition,
    ),
    _recorded("round", INTEGER, "1", "from 1; in a round every setting runs once", lambda r: r.round),
    _recorded("position", INTEGER, "1", "place in the round, from 1", lambda r: r.position),
    _recorded("setting", TEXT, "", "identity of the setting's values", lambda r: r.setting.id),
    _recorded("label", TEXT, "", "the setting as knob=value, resolved on this machine", lambda r: r.setting.label),
    Column("status", TEXT, "", "ok, or in what way the launch failed", lambda launch: launch.status),
    _recorded("block", INTEGER, "1", "which launches of a round were up together, from 1", lambda r: r.turns.block),
    _recorded(
        "dropped_after", INTEGER, "1", "cycles after which a race went on without it", lambda r: r.turns.dropped_after
    ),
    _recorded("cycles", INTEGER, "1", "turns that the launch had", lambda r: len(r.turns.kept)),
    _recorded("cycles_aside", INTEGER, "1", "turns in cycles that were set aside", lambda r: r.turns.kept.count(False)),
    _recorded(
        "set_aside",
        BOOLEAN,
        "",
        "whether all of them were, so that the launch does not count",
        lambda r: r.is_set_aside,
    ),
    # What follows is computed from the slices and samples of many launches together.
    Column("call_s", NUMBER, "s", "time of a call, the launch's statistic: work over time, over slices"),
    Column(
        "slice_work_s",
        Type.NUMBERS,
        "s",
        "for each slice: time of all counted calls over their number; empty where the cycle was set aside",
    ),
    Column("slice_median_s", Type.NUMBERS, "s", "for each slice: median time of a call; empty likewise"),
    Column("median_s", NUMBER, "s", "median time of a call over the timed samples"),
    Column("mean_s", NUMBER, "s", "their mean"),
    Column("p5_s", NUMBER, "s", "their 5th percentile"),
    Column("p90_s", NUMBER, "s", "their 90th percentile; of single calls where calls_per_sample is 1"),
    Column("p95_s", NUMBER, "s", "their 95th percentile, likewise"),
    Column("p99_s", NUMBER, "s", "their 99th percentile, likewise"),
    *(
        Column(
            f"worst_p{percentile}_s",
            NUMBER,
            "s",
            f"p{percentile}_s of the caller for whom it is highest",
            lambda launch, share=percentile / 100: worst_percentile(timed_slices(launch.record), share),  # type: ignore[misc]
        )
        for percentile in (95, 99)
    ),
    _recorded(
        "callers",
        INTEGER,
        "1",
        "calls that it made at the same time: one by each thread of each instance",
        lambda r: callers(r.case),
    ),
    Column("period_s", NUMBER, "s", "from one call to the next, all callers together: call_s over callers"),
    Column(
        "throughput",
        NUMBER,
        "work units/s",
        "work_amount over call_s, in work_unit a second; of all callers together",
    ),
    Column("steadiness", TEXT, "", "flat, warming up, slowing down or unsteady; empty: too few samples to say"),
    Column("steady_from", INTEGER, "1", "index of the timed sample from which on all are at the last level"),
    Column(
        "samples",
        INTEGER,
        "1",
        "timed samples, without warm-up, of cycles that count",
        lambda launch: len(launch.samples) if launch.measurement else None,
    ),
    _measured("calls_per_sample", INTEGER, "1", "calls that one sample takes together", lambda m: m.calls_per_sample),
    _measured("work_amount", NUMBER, "work units", "work of one call, in work_unit", lambda m: m.work.amount),
    _measured("work_unit", TEXT, "", "FLOP, byte or example", lambda m: m.work.unit),
    _measured("metric", TEXT, "", "what the workload is about: throughput or latency", lambda m: m.metric),
    _measured("start_s", NUMBER, "s", "start of the process until TensorFlow is imported", lambda m: m.phases.start_s),
    _measured("import_s", NUMBER, "s", "import of TensorFlow", lambda m: m.phases.import_s),
    _measured("build_s", NUMBER, "s", "context, inputs, model", lambda m: m.phases.build_s),
    _measured("first_call_s", NUMBER, "s", "first call, with tracing and compilation", lambda m: m.phases.first_call_s),
    _measured("check_s", NUMBER, "s", "check of the first and the last output", lambda m: m.phases.check_s),
    _measured("warmup_s", NUMBER, "s", "calls before the timed ones", lambda m: m.phases.warmup_s),
    _measured(
        "timing_s",
        NUMBER,
        "s",
        "timed calls, and those before each slice that do not count",
        lambda m: m.phases.timing_s,
    ),
    _measured(
        "waiting_s", NUMBER, "s", "between slices, while other launches had their turns", lambda m: m.phases.waiting_s
    ),
    _measured("check_passed", BOOLEAN, "", "whether the outputs were within the tolerance", lambda m: m.check.passed),
    _measured(
        "check_error", NUMBER, "1", "largest relative error of an output; empty if not finite", lambda m: m.check.error
    ),
    _measured("check_tolerance", NUMBER, "1", "the relative error that is allowed", lambda m: m.check.tolerance),
    _measured("check_reference", TEXT, "", "what the outputs were held against", lambda m: m.check.reference),
    _measured(
        "observed_intra", INTEGER, "threads", "intra-op threads that were seen", lambda m: m.observed.intra_threads
    ),
    _measured(
        "observed_inter", INTEGER, "threads", "inter-op threads that were seen", lambda m: m.observed.inter_threads
    ),
    _measured(
        "observed_threads", INTEGER, "threads", "all threads of the process after timing", lambda m: m.observed.threads
    ),
    _measured("observed_cpus", INTEGER, "CPUs", "CPUs in the affinity mask", lambda m: len(m.observed.cpus)),
    _measured(
        "cpu_per_wall",
        NUMBER,
        "1",
        "CPU time over wall time while timing: the effective parallelism",
        lambda m: m.observed.cpu_per_wall,
    ),
    _measured("onednn", BOOLEAN, "", "whether TensorFlow's oneDNN operations were on", lambda m: m.observed.onednn),
    _measured(
        "devices", TEXT, "", "TensorFlow's logical devices, separated by commas", lambda m: ",".join(m.observed.devices)
    ),
    _measured(
        "traces",
        INTEGER,
        "1",
        "new traces of the timed function while timing: 0 if the timing is sound",
        lambda m: m.observed.traces,
    ),
    _measured("allocator", TEXT, "", "the library that gives memory", lambda m: m.observed.allocator),
    _measured(
        "throttled_s",
        NUMBER,
        "s",
        "how long a CPU quota held the container up while timing",
        lambda m: m.observed.throttled_s,
    ),
    _measured("held", BOOLEAN, "", "whether the launch's processes were stopped between slices", lambda m: m.held),
    _measured("idle_cpus", NUMBER, "CPUs", "CPUs that the launch kept busy while it waited for its turns", idle_cpus),
    _ticked(
        "canary_one_s",
        NUMBER,
        "s",
        "the canary's fixed work on one CPU, median over the cycles",
        lambda turns: median(tick.one_s for tick in turns.ticks),
    ),
    _ticked(
        "canary_all_s",
        NUMBER,
        "s",
        "the same work on each CPU at once, median over the cycles",
        lambda turns: median(tick.all_s for tick in turns.ticks),
    ),
    _ticked("canary_cpus", INTEGER, "CPUs", "CPUs that the canary ran on", lambda turns: turns.cpus),
    _measured(
        "load", NUMBER, "1", "the machine's load average over one minute, at the end", lambda m: m.surroundings.load
    ),
    _measured(
        "steal_s",
        NUMBER,
        "s",
        "CPU time that the hypervisor kept during the launch, all CPUs together",
        lambda m: m.surroundings.steal_s,
    ),
    _measured(
        "pressure_s",
        NUMBER,
        "s",
        "time in which some process of the machine waited for a CPU",
        lambda m: m.surroundings.pressure_s,
    ),
    _measured("mhz", NUMBER, "MHz", "mean frequency of the CPUs, at the end", lambda m: m.surroundings.mhz),
    _measured("celsius", NUMBER, "°C", "the hottest sensor, at the end", lambda m: m.surroundings.celsius),
    _measured("cpu_s", NUMBER, "s", "CPU time of the timed section, user and system", lambda m: m.usage.cpu_s),
    _measured(
        "cpu_s_per_work",
        NUMBER,
        "s/work unit",
        "cpu_s over the work of the timed calls, in work_unit",
        lambda m: (
            m.usage.cpu_s / (sum(len(slice_.samples) for slice_ in m.slices) * m.calls_per_sample * m.work.amount)
        ),
    ),
    _measured(
        "peak_rss_bytes", INTEGER, "bytes", "most memory that the process held", lambda m: m.usage.peak_rss_bytes
    ),
    _measured(
        "voluntary_switches",
        INTEGER,
        "1",
        "voluntary context switches while timing",
        lambda m: m.usage.voluntary_switches,
    ),
    _measured(
        "involuntary_switches",
        INTEGER,
        "1",
        "involuntary context switches while timing",
        lambda m: m.usage.involuntary_switches,
    ),
    _measured(
        "tensorflow", TEXT, "", "TensorFlow's version, as seen in the container", lambda m: m.versions.get("tensorflow")
    ),
    _recorded(
        "asked_intra",
        INTEGER,
        "threads",
        "intra-op threads that TensorFlow's rules give for what was asked",
        lambda r: asked_threads(r, "intra"),
    ),
    _recorded("asked_inter", INTEGER, "threads", "inter-op threads, likewise", lambda r: asked_threads(r, "inter")),
    Column("message", TEXT, "", "why there is no valid measurement", lambda launch: launch.message),
    Column(
        "last_stderr", TEXT, "", "the last line of a failed launch's standard error", lambda launch: launch.last_stderr
    ),
    _recorded("wall_s", NUMBER, "s", "the whole launch, the engine's work included", lambda r: r.wall_s),
    _recorded("engine_s", NUMBER, "s", "the engine's part: create, start, collect, remove", lambda r: r.engine_s),
    _recorded(
        "handover_s",
        NUMBER,
        "s",
        "from a slice's order to its answer, less the calls; median over the cycles",
        lambda r: r.turns.handover_s,
    ),
    _recorded("started_at", TEXT, "", "UTC, ISO 8601", lambda r: r.started_at),
    _recorded("session", TEXT, "", "identity of the process that ran the launch", lambda r: r.session),
    _recorded("cpuset", TEXT, "", "the CPUs of the container", lambda r: r.cpuset),
    _recorded("image", TEXT, "", "the image's name", lambda r: r.image.name),
    _recorded("image_content", TEXT, "", "the image's content identity", lambda r: r.image.content),
    Column("file", TEXT, "", "where the record is, below the machine's folder", lambda launch: launch.line.file),
    Column("line", INTEGER, "1", "its line in that file, from 1", lambda launch: launch.line.number),
)


def knob_column(knob: str) -> Column[Launch]:
    """The column of a knob: text, because one sweep's values are numbers and another's words."""
    meaning = "the knob's value; default where it is left alone, empty where the sweep does not name it"
    return Column(f"{KNOB}{knob}", TEXT, "", meaning)
