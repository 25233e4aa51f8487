"""The rules that turn probes into findings, on probes made by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from containers.audit.aspects import Aspect, Change, Trait, changes, is_unsure, traits
from containers.audit.rules import Died, Probed, findings
from containers.audit.trials import Tried, trial
from workloads.harness.probe import Seen
from workloads.harness.probe_pipeline import Pipeline
from workloads.vocabulary.census import OWN_GETENV, Census, CensusPhase, VariableRead
from workloads.vocabulary.inventory import AuditFinding
from workloads.vocabulary.record import KnobValue

PLAIN = Seen(
    cpus=[0, 1],
    instructions=["avx", "avx2", "sse4_1"],
    devices=["/device:CPU:0"],
    intra_threads=2,
    inter_threads=2,
    nthr=2,
    getters=[0, 0],
    onednn=True,
    runtime="threadpool",
    isa="Intel AVX2",
    kernels=["convolution brg_conv_fwd:avx2", "gemm_api"],
    xla_clusters=0,
    libraries=[],
    bits={"matmul": "aaaa", "convolution": "bbbb"},
    errors={"matmul": 3e-07, "convolution": 3e-07},
    throttled_s=0.0,
    pipeline=Pipeline(output=4324, at_once=1, of_eight=2, made_ahead=2),
    late=None,
)
ONE_THREAD = replace(PLAIN, inter_threads=1)


FRAMEWORK = "tensorflow/libtensorflow_framework.so.2"

CENSUS = Census(
    phases=[CensusPhase("import"), CensusPhase("first operation"), CensusPhase("conv: first call", "conv")],
    reads=[
        VariableRead("OMP_NUM_THREADS", "numpy.libs/libopenblas.so", {"import": 2}),
        VariableRead("TF_ONEDNN_USE_SYSTEM_ALLOCATOR", FRAMEWORK, {"first operation": 1}),
        VariableRead("TF_ONEDNN_USE_SYSTEM_ALLOCATOR", "horovod/lib.so", {"import": 1}),
        VariableRead("XLA_FLAGS", FRAMEWORK, {"first operation": 1}),
    ],
    unread={"TF_GRAPH_REWRITES": [FRAMEWORK]},
)


def probed(knob: str, value: KnobValue, *outcomes: Seen | Died) -> Probed:
    return Probed(Tried(knob, value, trial({knob: value})), list(outcomes))


def judged(*values: Probed, plain: Seen = PLAIN, census: Census = CENSUS) -> list[AuditFinding]:
    return findings(values, [plain, plain], {}, census)


def judged_alone(value: Probed, plain: Seen = PLAIN, census: Census = CENSUS) -> tuple[str, str]:
    finding = judged(value, plain=plain, census=census)[0]
    return finding.status, finding.evidence


def test_what_a_probe_sees_changed_is_effective_and_said() -> None:
    assert judged_alone(probed("inter_op", 1, ONE_THREAD)) == ("effective", "inter-op threads 1 instead of 2")


def test_what_a_probe_cannot_see_any_more_is_unknown() -> None:
    silent = replace(PLAIN, runtime=None)
    assert judged_alone(probed("ONEDNN_VERBOSE", 0, silent)) == (
        "effective",
        f"oneDNN's runtime unknown instead of {PLAIN.runtime}",
    )


def test_nothing_changed_where_an_effect_would_show_is_inert() -> None:
    assert judged_alone(probed("inter_op", 1, PLAIN)) == ("inert", "nothing that the probe sees changed")


def test_a_value_equal_to_the_default_is_effective_by_another_value_s_effect() -> None:
    default, zero = judged(probed("inter_op", 2, PLAIN), probed("inter_op", 1, ONE_THREAD))
    assert (default.status, zero.status) == ("effective", "effective")
    assert default.evidence == "as in the plain probes; 1 is other: inter-op threads 1 instead of 2"


def test_another_knob_s_effect_says_nothing_of_this_one() -> None:
    _, inert = judged(probed("inter_op", 1, ONE_THREAD), probed("intra_op", 1, PLAIN))
    assert inert.status == "inert"


def test_a_process_that_died_is_fatal_with_its_own_words() -> None:
    assert judged_alone(probed("intra_op", -1, Died("ended by SIGABRT: Check failed"))) == (
        "fatal",
        "ended by SIGABRT: Check failed",
    )


def test_one_fatal_value_leaves_the_others_to_be_judged_by_themselves() -> None:
    fatal, other = judged(probed("XLA_FLAGS", "--junk", Died("x")), probed("XLA_FLAGS", "--a=b", PLAIN))
    assert (fatal.status, other.status) == ("fatal", "not testable here")


def test_what_the_plan_sets_beside_its_better_is_shadowed() -> None:
    value = probed("TF_NUM_INTEROP_THREADS", 1, ONE_THREAD)
    finding = findings([value], [PLAIN, PLAIN], {("TF_NUM_INTEROP_THREADS", 1): "inter_op=2"}, CENSUS)[0]
    assert finding.status == "shadowed"
    assert "inter_op=2" in finding.evidence
    assert "inter-op threads 1 instead of 2" in finding.evidence


def test_an_effect_that_only_time_shows_is_not_called_inert() -> None:
    status, evidence = judged_alone(probed("TF_ONEDNN_USE_SYSTEM_ALLOCATOR", "1", PLAIN))
    assert status == "not testable here"
    assert "only time shows it" in evidence


@pytest.mark.parametrize(
    ("name", "evidence"),
    [
        ("OMP_NUM_THREADS", "TensorFlow never asks for it; read by numpy.libs/libopenblas.so (import)"),
        ("env:TF_GRAPH_REWRITES", f"never asked for, though its name stands in {FRAMEWORK}"),
        ("KMP_BLOCKTIME", "never asked for, and its name stands in no library that is loaded"),
        ("env:THREADMARK_PLACEBO", "never asked for, and its name stands in no library that is loaded"),
    ],
)
def test_a_variable_that_tensorflow_never_asked_for_is_inert_with_its_evidence(name: str, evidence: str) -> None:
    assert judged_alone(probed(name, "1", PLAIN)) == ("inert", f"nothing that the probe sees changed; {evidence}")


def test_a_variable_that_tensorflow_asked_for_is_never_inert() -> None:
    status, evidence = judged_alone(probed("TF_ONEDNN_USE_SYSTEM_ALLOCATOR", "1", PLAIN))
    assert status == "not testable here"
    assert f"read by {FRAMEWORK} (first operation), horovod/lib.so (import); only time shows it" in evidence


@pytest.mark.parametrize("name", ["MALLOC_ARENA_MAX", "GLIBC_TUNABLES", "LD_PRELOAD", "TCMALLOC_RELEASE_RATE"])
def test_what_libc_and_the_loader_read_is_not_observed(name: str) -> None:
    status, evidence = judged_alone(probed(f"env:{name}", "1", PLAIN))
    assert status == "not observed"
    assert "where no census sees it" in evidence


@pytest.mark.parametrize(
    ("incomplete", "why"),
    [
        (replace(CENSUS, phases=[CensusPhase("XLA", failed="it raised")]), "XLA could not be seen (it raised)"),
        (replace(CENSUS, unseen={FRAMEWORK: OWN_GETENV}), f"{FRAMEWORK} has a getenv of its own"),
        (replace(CENSUS, not_noted=3), "there was no room for all questions"),
        (
            replace(CENSUS, hidden={"KMP_BLOCKTIME": ["_solib_local/libiomp5.so"]}),
            "_solib_local/libiomp5.so holds its name and may look at all variables itself",
        ),
    ],
)
def test_nothing_is_inert_by_a_census_that_missed_something(incomplete: Census, why: str) -> None:
    status, evidence = judged_alone(probed("KMP_BLOCKTIME", "0", PLAIN), census=incomplete)
    assert status == "not testable here"
    assert evidence.endswith(f"nobody was seen to ask for it, but {why}")


def test_a_workload_that_fails_and_libc_s_own_getenv_leave_a_census_whole() -> None:
    phases = [*CENSUS.phases, CensusPhase("lstm: first call", "lstm", "it raised")]
    whole = replace(CENSUS, phases=phases, unseen={"/lib/libc.so.6": OWN_GETENV, FRAMEWORK: "environ"})
    assert judged_alone(probed("KMP_BLOCKTIME", "0", PLAIN), census=whole)[0] == "inert"


def test_a_quota_that_no_probe_was_throttled_by_is_not_called_inert() -> None:
    assert judged_alone(probed("cpu_quota", 100, PLAIN))[0] == "not testable here"


@pytest.mark.parametrize(
    ("knob", "value", "reason"),
    [
        ("ONEDNN_MAX_CPU_ISA", "AVX512_CORE", "avx512bw"),
        ("ONEDNN_DEFAULT_FPMATH_MODE", "BF16", "amx_bf16"),
        ("TF_GPU_ALLOCATOR", "cuda_malloc_async", "no GPU"),
        ("allocator", "tcmalloc", "does not hold the library"),
    ],
)
def test_what_this_machine_or_image_lacks_is_not_testable_here(knob: str, value: str, reason: str) -> None:
    status, evidence = judged_alone(probed(knob, value, PLAIN))
    assert status == "not testable here"
    assert reason in evidence


def test_an_isa_that_the_cpu_lacks_is_not_called_effective_for_another_s_effect() -> None:
    lower = replace(PLAIN, isa="Intel SSE4.1")
    result = judged(probed("ONEDNN_MAX_CPU_ISA", "SSE41", lower), probed("ONEDNN_MAX_CPU_ISA", "AVX512_CORE", PLAIN))
    assert [finding.status for finding in result] == ["effective", "not testable here"]


def test_a_value_without_a_trial_says_why() -> None:
    value = Probed(Tried("co_runners", 1, None, "it loads the machine"), [])
    assert judged_alone(value) == ("not testable here", "it loads the machine; only time shows it")


def test_what_differs_between_plain_probes_does_not_count() -> None:
    chance = replace(PLAIN, bits={"matmul": "cccc", "convolution": "bbbb"})
    assert changes([PLAIN, chance], [chance]) == []
    (change,) = changes([PLAIN, PLAIN], [chance])
    assert change == Change(Trait(Aspect.BITS, "matmul"), "aaaa", "cccc")
    assert str(change) == "matmul's output bits differ"


def test_what_differs_between_probes_of_one_value_does_not_count() -> None:
    assert changes([PLAIN, PLAIN], [ONE_THREAD, PLAIN]) == []


def test_only_the_pipeline_s_aspects_are_unsure() -> None:
    faster = replace(PLAIN, pipeline=replace(PLAIN.pipeline, made_ahead=5))
    assert is_unsure([PLAIN], [faster])
    assert not is_unsure([PLAIN], [replace(faster, inter_threads=1)])
    assert not is_unsure([PLAIN], [PLAIN])


def test_kernels_are_compared_one_by_one_and_errors_instead_of_bits() -> None:
    reduced = replace(
        PLAIN,
        kernels=["convolution brg_conv_fwd:avx10", "gemm_api"],
        bits={"matmul": "aaaa", "convolution": "dddd"},
        errors={"matmul": 3e-07, "convolution": 2.5e-03},
    )
    assert judged_alone(probed("precision", "bfloat16", reduced)) == (
        "effective",
        "kernels convolution brg_conv_fwd:avx10 instead of convolution brg_conv_fwd:avx2; "
        "convolution's relative error 2.5e-03 instead of 3.0e-07",
    )


def test_every_field_of_a_probe_that_can_change_is_compared() -> None:
    different: list[dict[str, Any]] = [
        {"cpus": [0]},
        {"intra_threads": 1},
        {"inter_threads": None},
        {"nthr": 1},
        {"onednn": False},
        {"runtime": None},
        {"isa": "x"},
        {"kernels": []},
        {"xla_clusters": 1},
        {"libraries": ["libtcmalloc.so"]},
        {"throttled_s": 0.5},
        {"pipeline": Pipeline(1, 1, 2, 2)},
    ]
    for change in different:
        assert traits(replace(PLAIN, **change)) != traits(PLAIN), change
