"""What a census says of a variable."""

from __future__ import annotations

from workloads.vocabulary.census import Census, CensusPhase, Standing, VariableRead, added

CENSUS = Census(
    phases=[CensusPhase("import")],
    reads=[
        VariableRead("OMP_NUM_THREADS", "numpy.libs/libopenblas.so", {"import": 1}),
        VariableRead("OMP_NUM_THREADS", "tensorflow/libiomp5.so", {"first operation": 1}),
        VariableRead("KERAS_HOME", "keras/src/backend/config.py:277", {"import": 1}),
        VariableRead("OPENBLAS_VERBOSE", "numpy.libs/libopenblas.so", {"import": 1}),
    ],
    unread={"TF_USE_CUBLASLT": ["tensorflow/libtensorflow_cc.so.2"]},
)


def test_one_reader_of_tensorflow_s_makes_a_variable_tensorflow_s() -> None:
    standings = {name: CENSUS.standing(name) for name in [*CENSUS.variables(), "TF_USE_CUBLASLT", "NOBODYS"]}
    assert standings == {
        "OMP_NUM_THREADS": Standing.TENSORFLOW,
        "KERAS_HOME": Standing.TENSORFLOW,
        "OPENBLAS_VERBOSE": Standing.OTHER,
        "TF_USE_CUBLASLT": Standing.UNREAD,
        "NOBODYS": Standing.ABSENT,
    }


def test_the_questions_of_one_place_are_added_up_phase_by_phase() -> None:
    reads = [
        VariableRead("B", "x.so", {"import": 1}),
        VariableRead("A", "x.so", {"import": 2}),
        VariableRead("A", "x.so", {"import": 3, "XLA": 1}),
        VariableRead("A", "y.so", {"import": 1}),
    ]
    assert added(reads) == [
        VariableRead("A", "x.so", {"import": 5, "XLA": 1}),
        VariableRead("A", "y.so", {"import": 1}),
        VariableRead("B", "x.so", {"import": 1}),
    ]
