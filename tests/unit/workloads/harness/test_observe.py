"""What a process sees of itself, read from a made-up /proc and from this very process."""

from __future__ import annotations

import os
import time
from pathlib import Path

from workloads.harness import observe
from workloads.vocabulary.record import Usage


def proc(path: Path, own: str, names: list[str]) -> Path:
    """A /proc/PID folder of a process called `own` with threads of these names."""
    for number, name in enumerate(names):
        (path / "task" / str(number)).mkdir(parents=True)
        (path / "task" / str(number) / "comm").write_text(name + "\n")
    (path / "comm").write_text(own + "\n")
    return path


def test_pools_are_told_apart_by_name_and_by_the_growth_of_unnamed_threads(tmp_path: Path) -> None:
    """As seen of TensorFlow 2.21 with intra_op=8 and inter_op=5 after NumPy's OpenBLAS brought a thread."""
    before = observe.threads(proc(tmp_path / "before", "python3", ["python3"] * 2))
    after = observe.threads(proc(tmp_path / "after", "python3", ["python3"] * 10 + ["tf_Compute"] * 5 + ["other"]))
    assert observe.intra_threads(before, after) == 8
    assert observe.inter_threads(after) == 5
    assert observe.total(after) == 16


def test_a_thread_that_ends_while_threads_are_listed_is_not_counted(tmp_path: Path) -> None:
    folder = proc(tmp_path, "python3", ["python3", "python3"])
    (folder / "task" / "1" / "comm").unlink()
    assert observe.total(observe.threads(folder)) == 1


def test_without_proc_the_answer_is_none(tmp_path: Path) -> None:
    assert observe.threads(tmp_path / "nothing") is None
    assert observe.inter_threads(None) is None
    assert observe.intra_threads(None, None) is None
    assert observe.total(None) == 0


def test_the_age_is_read_behind_a_name_with_spaces_and_brackets(tmp_path: Path) -> None:
    ticks = int((time.clock_gettime(time.CLOCK_BOOTTIME) - 5.0) * os.sysconf("SC_CLK_TCK"))
    fields = ["S", *["0"] * 18, str(ticks), *["0"] * 30]
    (tmp_path / "stat").write_text(f"12 (a) b (c) {' '.join(fields)}\n")
    assert 4.9 < observe.process_age_s(tmp_path) < 7.0


def test_this_process_is_older_than_nothing_and_younger_than_the_machine() -> None:
    assert 0.0 < observe.process_age_s() < time.clock_gettime(time.CLOCK_BOOTTIME)


def test_use_between_two_moments_keeps_the_peak_of_the_whole_process() -> None:
    assert observe.between(Usage(1.5, 100, 10, 4), Usage(3.75, 900, 17, 4)) == Usage(2.25, 900, 7, 0)


def test_what_this_process_used_grows() -> None:
    earlier = observe.spent()
    sum(i * i for i in range(200_000))
    used = observe.between(earlier, observe.spent())
    assert used.cpu_s > 0
    assert used.peak_rss_bytes > 1_000_000
    assert observe.cpus() == sorted(os.sched_getaffinity(0))
