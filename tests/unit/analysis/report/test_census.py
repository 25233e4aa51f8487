"""What the details say of the variables that images read, and the table behind it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from analysis.report.census import told
from analysis.report.render import render
from analysis.tables.census import CENSUS, rows
from tests.made.analysed import make_tables
from tests.made.simulated import simulated_audit, switch, write_simulated_machine
from workloads.vocabulary.census import Census, CensusPhase, VariableRead

STOCK = Census([CensusPhase("import")], [VariableRead("TF_A", "tensorflow/x.so", {"import": 1})])
OPENMP = Census(
    [CensusPhase("import")],
    [
        VariableRead("TF_A", "tensorflow/x.so", {"import": 1}),
        VariableRead("KMP_BLOCKTIME", "tensorflow/libiomp5.so", {"import": 1}),
    ],
    unread={"TF_B": ["tensorflow/x.so"]},
)


def test_the_details_tell_what_is_read_and_what_could_not_be_seen(tmp_path: Path) -> None:
    write_simulated_machine(tmp_path, [switch(rounds=3)])
    make_tables(tmp_path)
    details = render(tmp_path)["details.md"]
    section = details.partition("## Which variables the images read")[2]
    assert "Not seen: XLA: it raised." in section
    assert "libc.so.6` has a getenv of its own" in section
    assert "once everything has been called before, 1 is asked for".lower() in section.lower()
    assert "| `TF_XLA_FLAGS` | read by TensorFlow | tensorflow/libtensorflow_cc.so.2 |" in section
    # The catalogue's are there, absent or not; what nobody asks for and no knob is, is counted.
    assert "| `KMP_BLOCKTIME` | absent |" in section
    assert "TF_USE_CUBLASLT" not in section
    assert {row.variable for row in CENSUS.read(tmp_path)} >= {"TF_XLA_FLAGS", "OMP_NUM_THREADS", "TF_USE_CUBLASLT"}


def test_what_differs_from_image_to_image_comes_first() -> None:
    audits = {"cpu": replace(simulated_audit(), census=STOCK), "openmp": replace(simulated_audit(), census=OPENMP)}
    both = told(audits, [*rows("cpu", STOCK), *rows("openmp", OPENMP)])
    assert both is not None
    first = both.rows[0]
    assert (first.variable, first.standings) == (
        "KMP_BLOCKTIME",
        {"cpu": "absent", "openmp": "read by TensorFlow"},
    )
    assert not next(row for row in both.rows if row.variable == "TF_A").differs
    assert both.unread == {"cpu": [], "openmp": ["TF_B"]}


def test_audits_without_a_census_say_nothing_of_variables() -> None:
    assert told({"cpu": replace(simulated_audit(), census=None)}, []) is None
