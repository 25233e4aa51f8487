"""Files for other tools, each read by the tool's own reader: pyperf, and Google Benchmark's compare.py."""

import json
import re
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

import pyperf
import pytest

from analysis.export.__main__ import main
from analysis.records.folder import read_plan, read_records
from tests.made.simulated import failed, set_aside, write_simulated_machine
from tests.made.two_machines import machine, pools
from workloads.vocabulary.record import Record


@pytest.fixture(scope="module")
def folders(tmp_path_factory) -> tuple[Path, Path]:
    """A machine, and one that is twice as fast."""
    root = tmp_path_factory.mktemp("machines")
    slow = machine(root, "slow-2c-000001", [pools(rounds=4)], seed=1)
    return slow, machine(root, "fast-4c-000002", [pools(cpus=4, speed=2.0, rounds=4)], cpus=4, seed=2)


def records(folder: Path, written: str) -> list[Record]:
    results = [line.record for line in read_records(folder, read_plan(folder))]
    return [result for result in results if result.setting.written["intra_op"] == written]


def exported(form: str, folder: Path, out: Path, *more: str) -> Path:
    assert main([form, "--results", str(folder), "--out", str(out), *more]) == 0
    return out


def test_pyperf_reads_every_launch_as_a_run(folders, tmp_path):
    suite = pyperf.BenchmarkSuite.load(str(exported("pyperf", folders[0], tmp_path / "a.json")))
    assert suite.get_benchmark_names() == [
        "pools/matmul defaults",
        "pools/matmul intra_op=1",
        "pools/matmul intra_op=cores",
    ]
    result, expected = suite.get_benchmarks()[2], records(folders[0], "cores")
    assert result.get_nrun() == len(expected) == 4
    assert result.get_unit() == "second"
    for run, record in zip(result.get_runs(), expected, strict=True):
        assert run.values == tuple(record.measurement.samples)
        assert run.warmups == tuple((1, seconds) for seconds in record.measurement.warmup)
        assert run.get_metadata()["record"] == record.id
    about = result.get_metadata()
    assert (about["machine"], about["tensorflow"]) == ("slow-2c-000001", "simulated")
    assert (about["setting"], about["setting_resolved"]) == ("intra_op=cores", "intra_op=2")
    assert result.get_dates() is not None


def compared_by_pyperf(value: Path, other: Path) -> str:
    command = [sys.executable, "-m", "pyperf", "compare_to", str(value), str(other)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_pyperf_compares_two_machines_and_two_settings(folders, tmp_path):
    result, other = (exported("pyperf", folder, tmp_path / f"{folder.name}.json") for folder in folders)
    told = compared_by_pyperf(result, other)
    assert len(re.findall(r"(1\.9\d|2\.0\d)x faster", told)) >= 3, told
    base = exported("pyperf", folders[0], tmp_path / "base.json", "--setting", "baseline")
    single = exported("pyperf", folders[0], tmp_path / "single.json", "--setting", "intra_op=1")
    told = compared_by_pyperf(base, single)
    assert re.search(r"1\.[78]\dx slower", told), told


def test_with_medians_pyperf_s_test_counts_launches(folders, tmp_path):
    outcome, other = (exported("pyperf", folder, tmp_path / folder.name, "--medians") for folder in folders)
    told = compared_by_pyperf(outcome, other)
    assert len(re.findall(r"(1\.9\d|2\.0\d)x faster", told)) >= 3, told
    assert "ERROR" not in told
    result = pyperf.BenchmarkSuite.load(str(outcome)).get_benchmarks()[2]
    medians = [statistics.median(record.measurement.samples) for record in records(folders[0], "cores")]
    assert list(result.get_values()) == medians
    assert result.get_loops() == len(records(folders[0], "cores")[0].measurement.samples)


def test_grouped_calls_are_loops(tmp_path, folders):
    """A sample of 100 calls is a value a call, as pyperf has it, with 100 loops."""
    text = folders[0] / "rounds"
    copy = tmp_path / "slow-2c-000001"
    subprocess.run(["cp", "-r", text.parent, copy], check=True)
    for path in copy.rglob("*.jsonl"):
        path.write_text(path.read_text().replace('"calls_per_sample":1,', '"calls_per_sample":100,'))
    result = pyperf.BenchmarkSuite.load(str(exported("pyperf", copy, tmp_path / "a.json"))).get_benchmarks()[0]
    assert result.get_loops() == 100
    assert result.mean() == pytest.approx(0.02, rel=0.1)
    entries = json.loads(exported("google-benchmark", copy, tmp_path / "b.json").read_text())["benchmarks"]
    assert entries[0]["iterations"] == 3000
    assert entries[0]["real_time"] == pytest.approx(20 / 100, rel=0.15)  # the same wall time


def test_only_launches_that_count_are_exported(tmp_path):
    def faults(record: Record) -> Record | None:
        if record.position == 1:
            return failed(record)
        return set_aside(record) if record.position == 2 else record

    write_simulated_machine(tmp_path, [pools(rounds=3)], faults=faults)
    document = json.loads(exported("pyperf", tmp_path, tmp_path / "a.json").read_text())
    assert sum(len(benchmark["runs"]) for benchmark in document["benchmarks"]) == 3
    write_simulated_machine(tmp_path, [pools(rounds=3)], faults=failed)
    assert main(["pyperf", "--results", str(tmp_path), "--out", str(tmp_path / "b.json")]) == 2
    assert not (tmp_path / "b.json").exists()


def test_an_unknown_setting_is_one_sentence(folders, tmp_path, capsys):
    arguments = ["--results", str(folders[0]), "--out", str(tmp_path / "a.json"), "--setting", "intra_op=7"]
    for form in ("pyperf", "google-benchmark"):
        assert main([form, *arguments]) == 2
        assert "no setting is written 'intra_op=7'" in capsys.readouterr().err


@pytest.fixture(scope="module")
def compare_py(tmp_path_factory) -> Path:
    """Google Benchmark's own tool, from Debian's package, unpacked and not installed."""
    folder = tmp_path_factory.mktemp("google-benchmark")
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        pytest.skip("Google Benchmark's compare.py comes from a Debian package, and this is no Debian")

    def apt(*words: str) -> subprocess.CompletedProcess[str]:
        command = ["apt-get", "-o", "Acquire::Retries=0", "-o", "Acquire::http::Timeout=10", *words]
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)

    download = ("download", "libbenchmark-tools")
    if apt(*download).returncode and (apt("update").returncode or apt(*download).returncode):
        pytest.skip("Debian's libbenchmark-tools cannot be had here: no network, or no right to renew apt's lists")
    subprocess.run(["sh", "-c", "dpkg-deb -x libbenchmark-tools*.deb ."], cwd=folder, check=True)
    return next(folder.rglob("compare.py"))


def test_google_benchmark_s_own_tool_compares_the_files(folders, tmp_path, compare_py):
    result, other = (exported("google-benchmark", folder, tmp_path / f"{folder.name}.json") for folder in folders)
    command = [sys.executable, str(compare_py), "--no-color", "benchmarks", str(result), str(other)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rows = re.findall(r"^(pools/matmul \S+)\s+([+-]\d\.\d+)\s+[+-]\d\.\d+\s+(\d+)\s+(\d+)", told, re.MULTILINE)
    assert len(rows) == 3 * 4, told
    # In milliseconds, a call: 20 against 10, and 36 against 18 in one thread.
    for name, change, before, after in rows:
        assert float(change) == pytest.approx(-0.5, abs=0.1), told
        assert int(before) == pytest.approx(36 if name.endswith("=1") else 20, rel=0.2)
        assert int(after) == pytest.approx(int(before) / 2, rel=0.25)
    assert len(re.findall("U Test, Repetitions: 4 vs 4", told)) == 3, told


def test_times_are_means_a_call_in_milliseconds(folders, tmp_path):
    document = json.loads(exported("google-benchmark", folders[0], tmp_path / "a.json").read_text())
    results = [benchmark for benchmark in document["benchmarks"] if benchmark["name"] == "pools/matmul intra_op=cores"]
    for entry, record in zip(results, records(folders[0], "cores"), strict=True):
        measurement = record.measurement
        assert entry["time_unit"] == "ms"
        assert entry["real_time"] == pytest.approx(statistics.fmean(measurement.samples) * 1e3)
        assert entry["cpu_time"] == pytest.approx(measurement.usage.cpu_s / len(measurement.samples) * 1e3)
        assert record.id in entry["label"]
    assert [result["repetition_index"] for result in results] == [0, 1, 2, 3]
    assert document["context"]["host_name"] == "slow-2c-000001"
