"""What failed launches said last, as the report shows it."""

from __future__ import annotations

import json
from pathlib import Path

from analysis.report import markdown, soundness
from analysis.report.soundness import Failed


def failed(line: int) -> Failed:
    return Failed(f"threads/matmul@0/1/{line}", "failed", "intra_op=1", "", "", "rounds/1.jsonl", line)


def test_launches_that_said_more_than_one_line_are_quoted_from_their_own_record(tmp_path: Path) -> None:
    said = [["alone"], ["first", "second"], None, [], ["third", "fourth"]]
    lines = [json.dumps({"failure": None if words is None else {"stderr": words}}) for words in said]
    (tmp_path / "rounds").mkdir()
    (tmp_path / "rounds/1.jsonl").write_text("\n".join(lines) + "\n")
    result = soundness.last_words(tmp_path, [failed(number) for number in (5, 1, 2, 3, 4)])
    assert [(entry.line, words) for entry, words in result] == [(5, ["third", "fourth"]), (2, ["first", "second"])]


def test_of_many_failures_ten_are_quoted(tmp_path: Path) -> None:
    (tmp_path / "rounds").mkdir()
    (tmp_path / "rounds/1.jsonl").write_text((json.dumps({"failure": {"stderr": ["a", "b"]}}) + "\n") * 30)
    assert len(soundness.last_words(tmp_path, [failed(number) for number in range(1, 31)])) == 10


def test_nothing_in_the_words_gets_out_of_its_block() -> None:
    block = markdown.fenced(["plain", "```", "~~~ ````", "\x1b[31mred\x00", "</details>"]).splitlines()
    assert block[0] == block[-1] == "`````"
    assert block[1:-1] == ["plain", "```", "~~~ ````", "\ufffd[31mred\ufffd", "</details>"]
    assert markdown.fenced([]) == "```\n```"
