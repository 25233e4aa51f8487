"""A mistake in the claims' file gets one sentence; so does a claim that names what a config does not have."""

from pathlib import Path

import pytest

from analysis.claims.__main__ import main
from analysis.claims.config import read_file
from workloads.vocabulary.errors import ConfigError

ROOT = Path(__file__).parents[4]

CONFIG = """
rounds: 5
workloads: {matmul: {}, matmul-64: {module: matmul, params: {n: 64}}, conv: {}}
sweeps:
  matmul-size:
    question: From which size on?
    workloads: [matmul-64, matmul]
    grid: {intra_op: [1, cores]}
    baseline: {intra_op: 1}
  pools:
    question: Which sizes?
    workloads: [matmul]
    settings:
      - {intra_op: default, inter_op: default}
      - {intra_op: 1, inter_op: cores}
      - {intra_op: 4*cores, inter_op: 4*cores}
    baseline: {}
  openmp:
    question: Does it do anything?
    workloads: [conv]
    settings: [{}, {OMP_NUM_THREADS: 1}]
    baseline: {}
"""

CLAIM = """
sources: {G: A guide}
claims:
  - id: splits
    sentence: It is split.
    source: G
    refuted_by: It is not.
    figure: matmul-size-speedup
    tests:
      - {test: ratio, sweep: matmul-size, workload: matmul, setting: {intra_op: cores}, against: {intra_op: 1}}
      - {test: ratio, sweep: openmp, workload: conv, setting: {OMP_NUM_THREADS: 1}, against: {}, expect: different}
      - test: rank_reversal
        places: [{sweep: pools, workload: matmul}, {sweep: pools, workload: matmul}]
        setting: {}
        against: {intra_op: "4 * cores", inter_op: 4*cores}
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "claims.yaml"
    path.write_text(text)
    return path


def checked(folder: Path, text: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    config = folder / "config.yaml"
    config.write_text(CONFIG)
    status = main([str(write(folder, text)), str(config)])
    return status, capsys.readouterr().err


def test_a_claim_whose_names_are_all_known_passes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert checked(tmp_path, CLAIM, capsys) == (0, "")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("sweep: matmul-size", "sweep: matmul-sise", "unknown sweep 'matmul-sise'; did you mean 'matmul-size'?"),
        ("workload: matmul,", "workload: matmull,", "'matmul-size' has no workload 'matmull'; did you mean 'matmul'?"),
        ("{intra_op: cores}", "{intra_opp: cores}", "does not vary 'intra_opp'; did you mean 'intra_op'?"),
        ("{intra_op: cores}", "{intra_op: core}", "has no value 'core' of intra_op; did you mean 'cores'?"),
        ("{intra_op: cores}", "{}", "has no value 'default' of intra_op; known are 1, cores"),
        ("inter_op: 4*cores", "inter_op: cores", "has no setting 'intra_op=4 * cores inter_op=cores', though"),
        ("figure: matmul-size-speedup", "figure: matmul-speedup", "unknown figure 'matmul-speedup'; did you mean"),
    ],
)
def test_a_name_that_the_config_does_not_have_is_refused_with_the_nearest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, told: str
) -> None:
    assert old in CLAIM
    status, sentence = checked(tmp_path, CLAIM.replace(old, new, 1), capsys)
    assert status == 2
    assert told in sentence
    assert "claim splits" in sentence
    assert sentence.count("\n") == 1


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("refuted_by:", "refuted_if:", "unknown key 'claims.0.refuted_if'; did you mean 'refuted_by'?"),
        ("expect: different", "expects: different", "did you mean 'expect'?"),
        ("workload: conv", "wrkload: conv", "did you mean 'workload'?"),
        ("against: {}, ", "", "'claims.0.tests.1.against' is missing"),
        ("test: rank_reversal", "test: ranks", "'ranks'"),
        ("source: G", "source: H", "claim splits: unknown source 'H'; known are G"),
        ("sources: {G: A guide}", "source: {G: A guide}", "unknown key 'source'; did you mean 'sources'?"),
        ("id: splits", "id: Splits!", "'claims.0.id'"),
        ("figure: matmul-size-speedup", "untested: later", "takes either `tests` or the reason why it is `untested`"),
        ("claims:", "claims: [", "is not YAML"),
        (CLAIM, "- a list", "holds no mapping"),
    ],
)
def test_a_mistake_in_the_file_gets_one_sentence(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in CLAIM
    with pytest.raises(ConfigError) as caught:
        read_file(write(tmp_path, CLAIM.replace(old, new, 1)))
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_two_claims_of_one_id_are_refused(tmp_path: Path) -> None:
    twice = CLAIM + CLAIM.split("claims:\n")[1]
    with pytest.raises(ConfigError, match="2 claims 'splits'"):
        read_file(write(tmp_path, twice))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"claims\.yaml cannot be read"):
        read_file(tmp_path / "claims.yaml")


def test_a_config_without_sweeps_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "config.yaml").write_text("rounds: 5\n")
    assert main([str(write(tmp_path, CLAIM)), str(tmp_path / "config.yaml")]) == 2
    assert "is no config of sweeps" in capsys.readouterr().err


def test_all_claims_of_both_guides_are_there() -> None:
    shipped = read_file(ROOT / "config/claims.yaml")
    assert {claim.id for claim in shipped.claims} == {
        *("intra-splits-matmul", "blas-kernels", "isa-matters", "gpu-faster", "independent-ops-overlap"),
        *("fewer-dependencies", "gradients-overlap", "batches-overlap", "tf-function-helps", "data-parallel-gpus"),
        *("defaults-not-ideal", "oversubscription", "intra-large-inter-many", "best-depends", "set-early"),
        *("input-pipeline", "other-thread-sources", "too-many-controls", "python-threads", "gpu-cpu-threads"),
    }
    assert {test.test for entry in shipped.claims for test in entry.tests} == {
        *("ratio", "equivalence", "interaction", "ordered", "regret", "rank_reversal", "audit"),
    }


def test_the_shipped_claims_name_what_the_default_config_has(capsys: pytest.CaptureFixture[str]) -> None:
    status = main([str(ROOT / "config/claims.yaml"), str(ROOT / "config/default.yaml")])
    assert (status, capsys.readouterr().err) == (0, "")
