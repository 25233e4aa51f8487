"""A real audit, in the real image, of a few knobs whose truth is known."""

from __future__ import annotations

import os

import pytest
from docker import DockerClient

from containers.audit.probing import audit
from containers.audit.trials import tried_values
from containers.plan.symbolic import Counts
from workloads.vocabulary.census import Standing
from workloads.vocabulary.inventory import Audit, Receipt
from workloads.vocabulary.plan import Cell, Plan
from workloads.vocabulary.record import KnobValue, Limits, Setting, Timing, identity

pytestmark = pytest.mark.long

TRUTH: dict[tuple[str, KnobValue], str] = {
    ("intra_op", 1): "effective",
    ("intra_op", -1): "fatal",
    ("OMP_NUM_THREADS", "1"): "inert",
    ("ONEDNN_MAX_CPU_ISA", "AVX2"): "effective",
    ("TF_ENABLE_ONEDNN_OPTS", "0"): "effective",
    ("TF_ENABLE_ONEDNN_OPTS", "1"): "effective",
    ("TF_ONEDNN_USE_SYSTEM_ALLOCATOR", "1"): "not testable here",
    ("TF_XLA_FLAGS", "--tf_xla_no_such_flag"): "fatal",
    ("precision", "bfloat16"): "effective",
    # Of the plan below:
    ("TF_NUM_INTEROP_THREADS", 7): "shadowed",
    ("env:THREADMARK_PLACEBO", "a"): "inert",
}


def plan_of(*settings: dict[str, KnobValue]) -> Plan:
    made = [Setting(identity(setting), {}, setting) for setting in settings]
    cell = Cell(
        *("sweep", "question", "matmul", "matmul", {}, made, made[0].id, 1, "definition"),
        *(Timing(0.1, 0.1, 3, 0.005), Limits(4 << 30, 512, 60), 1),
    )
    return Plan("machine", "0", {}, {"cpu": "context"}, [cell])


@pytest.fixture(scope="module")
def audited(client: DockerClient, cpu: Receipt) -> Audit:
    cpus = sorted(os.sched_getaffinity(0))
    plan = plan_of({"TF_NUM_INTEROP_THREADS": 7, "inter_op": 2}, {"env:THREADMARK_PLACEBO": "a"})
    values = tried_values(plan, "cpu", Counts(len(cpus), len(cpus)))
    return audit(client, plan, cpu.image, cpus, [value for value in values if (value.knob, value.value) in TRUTH])


def test_each_knob_gets_the_status_that_is_known_to_be_true(audited: Audit) -> None:
    results = {(finding.knob, finding.value): finding for finding in audited.findings}
    assert {key: finding.status for key, finding in results.items()} == TRUTH


def test_the_evidence_is_what_was_seen(audited: Audit) -> None:
    said = {(finding.knob, finding.value): finding.evidence for finding in audited.findings}
    assert "oneDNN operations no instead of yes" in said["TF_ENABLE_ONEDNN_OPTS", "0"]
    assert "Intel AVX2 instead of" in said["ONEDNN_MAX_CPU_ISA", "AVX2"]
    assert "SIGABRT" in said["intra_op", -1]
    assert "tf_xla_no_such_flag" in said["TF_XLA_FLAGS", "--tf_xla_no_such_flag"]
    assert "relative error" in said["precision", "bfloat16"]
    assert "its name stands in no library" in said["env:THREADMARK_PLACEBO", "a"]
    assert "TensorFlow never asks for it; read by numpy.libs/" in said["OMP_NUM_THREADS", "1"]


def test_the_census_sees_what_tensorflow_s_sources_ask_for(audited: Audit) -> None:
    census = audited.census
    assert census is not None
    assert census.missed is None
    assert len(census.variables()) >= 150
    # tsl/platform/cpu_info, core/common_runtime/process_util, tsl/util/onednn_env_vars, python/eager/context.
    for name in ("TF_NUM_INTEROP_THREADS", "TF_ENABLE_ONEDNN_OPTS", "TF_XLA_FLAGS", "TF_JIT_COMPILE_REWRITE"):
        assert census.standing(name) is Standing.TENSORFLOW, name
    [asking] = census.of("TF_JIT_COMPILE_REWRITE")
    assert asking.by.startswith("tensorflow/python/eager/context.py:")
    assert census.standing("OMP_NUM_THREADS") is Standing.OTHER
    assert census.standing("TF_DISABLE_MKL") is Standing.ABSENT
    assert "/lib/x86_64-linux-gnu/libc.so.6" in census.unseen


def test_all_facts_hold(audited: Audit) -> None:
    assert len(audited.facts) == 12
    assert not [fact for fact in audited.facts if not fact.holds]


def test_the_audit_leaves_no_container(client: DockerClient, audited: Audit) -> None:
    left = client.containers.list(all=True, filters={"label": "threadmark=probe", "ancestor": audited.image.id})
    assert left == []
