"""Which variables of a census are tried, and with which values."""

from __future__ import annotations

from pathlib import Path

from containers.audit.screening import candidates, screening, values
from containers.plan.config import read, validate
from workloads.vocabulary.census import Census, VariableRead

NAMES = [
    "TF_ENABLE_ZENDNN_OPTS",
    "TF_GRAPH_CACHING",
    "TF_CPP_MIN_LOG_LEVEL",  # about the log
    "TF_NODE_FILE_WRITER_DIRECTORY",  # about files
    "GCS_READ_CACHE_MAX_SIZE_MB",  # about a cloud
    "HWLOC_FSROOT",
    "TF_NUM_INTEROP_THREADS",  # has sweeps of its own
    "TF_XLA_FLAGS",  # which flags there are, no census tells
    "DNNL_MAX_CPU_ISA",  # an older name
    "ONEDNN_MAX_CPU_ISA",
]
CENSUS = Census(
    phases=[],
    reads=[
        *(VariableRead(name, "tensorflow/x.so", {"import": 1}) for name in NAMES),
        VariableRead("OPENBLAS_NUM_THREADS", "numpy.libs/x.so", {"import": 1}),
    ],
)


def test_what_tensorflow_asks_for_is_tried_unless_it_is_about_something_else() -> None:
    assert candidates(CENSUS) == ["ONEDNN_MAX_CPU_ISA", "TF_ENABLE_ZENDNN_OPTS", "TF_GRAPH_CACHING"]


def test_values_are_the_catalogue_s_or_follow_from_the_name() -> None:
    assert values("ONEDNN_MAX_CPU_ISA") == ("SSE41", "AVX2", "AVX512_CORE")
    assert values("TF_ONEDNN_USE_SYSTEM_ALLOCATOR") == ("1",)  # junk is the audit's
    assert values("TF_ENABLE_ONEDNN_OPTS") == ("0",)  # 1 is set in every launch
    assert values("TF_ENABLE_ZENDNN_OPTS") == ("0", "1")
    assert values("TF_OVERRIDE_GLOBAL_THREADPOOL") == ("1",)
    assert values("TF_PER_DEVICE_MEMORY_LIMIT_BYTES") == ("1", "1024")


def test_what_comes_of_it_is_a_config() -> None:
    config = validate(screening(CENSUS))
    [sweep] = config.sweeps.values()
    assert len(sweep.settings) == 2 + 3 + 2 + 2


def test_the_shipped_config_is_one() -> None:
    sweep = validate(read(Path("config/variables.yaml"))).sweeps["variables"]
    assert len(sweep.settings) > 40
    assert sweep.baseline == {}
