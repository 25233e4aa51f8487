"""What a rule runs, and what it depends on."""

import dataclasses
import subprocess
from pathlib import Path

from containers.workflow.shell_lines import code, line, line_of, prefix
from workloads.vocabulary.stage import Stage

ROOT = Path(__file__).parents[4]


def test_a_command_that_keeps_its_own_log_is_not_written_there_twice() -> None:
    assert line("a.b", "--out {output:q}") == "python -m a.b --out {output:q} 2> >(tee -a {log:q} >&2)"
    assert line("a.b", "--log {log:q}") == "python -m a.b --log {log:q}"


def test_a_stage_s_line_names_its_files_and_leaves_other_braces_alone() -> None:
    arguments = ["--config", '{"question": "{image}?"}', "--out", "{results}/a/{image}.json", "--from", "{suite}/b c"]
    stage = Stage(name="made", module="a.b", outputs=["a/{image}.json"], arguments=arguments)
    made = line_of(stage, Path("results/X"), Path("/suite"))
    assert made({"image": "cpu"}) == (
        """python -m a.b --config '{"question": "cpu?"}' --out results/X/a/cpu.json --from '/suite/b c'"""
        " 2> >(tee -a results/X/logs/made/cpu.log >&2)"
    )
    kept = line_of(dataclasses.replace(stage, outputs=["a.json"]), Path("results/X"), Path("/suite"))
    assert """ --config '{"question": "{image}?"}' """ in kept({})


def test_a_rule_depends_on_the_templates_beside_its_code() -> None:
    files = {str(Path(file).relative_to(ROOT)) for file in code(ROOT, "analysis.report.render")}
    assert {"analysis/report/render.py", "analysis/report/templates/report/claims.md.j2"} <= files
    assert not any("/templates/" in file for file in code(ROOT, "analysis.tables.tidy"))


def test_jobs_import_the_suite_wherever_they_are_started(tmp_path: Path) -> None:
    command = prefix(ROOT) + "python -c 'import analysis.workflow.stages'"
    assert subprocess.run(["bash", "-c", command], cwd=tmp_path, check=False).returncode == 0
