"""The pipeline as a table of contents: each rule runs one module's command.

The stages that are no rules here are listed in two modules: what looks at the machine and its images in
containers/workflow/stages.py, what follows from the records in analysis/workflow/stages.py.
"""

import sys
from pathlib import Path

from filelock import FileLock
from snakemake.logging import logger
from snakemake.utils import min_version

min_version("9.0")
sys.path.insert(0, workflow.basedir)

from analysis.records.machine_folders import machine_folders, state
from analysis.workflow import stages as after_measuring
from analysis.workflow.answer import answer
from containers.rounds.progress import summary
from containers.workflow import run
from containers.workflow import stages as before_measuring
from containers.workflow.rounds import Rounds
from containers.workflow.shell_lines import code, line, line_of, prefix

if not workflow.configfiles:

    configfile: "config/default.yaml"


SUITE = Path(workflow.basedir)
CONFIG, PLAN = run.planned(config, [Path(file) for file in workflow.configfiles])
ALL_RESULTS = Path(CONFIG.results)
RESULTS = ALL_RESULTS / PLAN.machine
COMPARISON = ALL_RESULTS / "comparison"
ROUNDS = Rounds(RESULTS, PLAN)
ANALYSIS = after_measuring.stages(PLAN)
RUN_LOCK = FileLock(RESULTS / ".run.lock")

shell.prefix(prefix(SUITE))
run.without_job_headings(logger)
run.unmade_folder_in_one_sentence(logger)
if workflow.is_main_process:
    run.say(summary(RESULTS, PLAN))


onstart:
    run.take(RUN_LOCK, RESULTS)


onsuccess:
    run.say_the_answer(RESULTS, PLAN, answer(RESULTS))


wildcard_constraints:
    image=r"[a-z][a-z0-9_-]*(?:\.[0-9]+)*",
    cell="[^/]+/[^/]+",
    number=r"\d+",
    after=r"\d+",
    by="[0-9a-f]+",


localrules:
    all,


rule all:
    input:
        [RESULTS / file for stage in ANALYSIS for file in stage.outputs],


for stage in [*before_measuring.stages(CONFIG, PLAN), *ANALYSIS]:

    rule:
        name:
            stage.name
        input:
            [RESULTS / file for file in stage.inputs],
            ancient([RESULTS / file for file in stage.waits_for]),
            ROUNDS.all(checkpoints) if stage.reads_rounds else [],
            code(SUITE, stage.module) if stage.follows_code else [],
            [SUITE / file for file in stage.suite_files],
        output:
            [RESULTS / file for file in stage.outputs],
        log:
            RESULTS / stage.log,
        retries: stage.retries
        # A job that takes all cores keeps every other one away.
        threads: workflow.cores if stage.measures else 1
        params:
            **stage.params,
            line=line_of(stage, RESULTS, SUITE),
        # By the parameter: when the job runs, `stage` is the loop's last one.
        shell:
            "{params.line}"


rule round:
    input:
        # What a round depends on is in its path, so a newer plan or receipt is no reason to measure again.
        ancient([RESULTS / file for file in before_measuring.before_rounds(PLAN)]),
    output:
        # A round that was whole when a kill came stands: Snakemake, which did not hear of it, must not delete it.
        update(RESULTS / "rounds/{cell}/{number}.jsonl"),
    log:
        RESULTS / "logs/rounds/{cell}/{number}.log",
    # Round 1 of everything comes before round 2 of anything: an interrupted run is a coarser one.
    priority: lambda wildcards: -int(wildcards.number)
    # Not the benchmark's threads: they keep every other job away while this one measures.
    threads: workflow.cores
    params:
        results=RESULTS,
    shell:
        line(
            "containers.rounds.round",
            "--results {params.results:q} --cell {wildcards.cell:q} --round {wildcards.number} --log {log:q}",
        )


checkpoint decision:
    input:
        ancient(RESULTS / "plan.json"),
        # A decision stands: neither a newer plan nor another version of the rule makes it again.
        lambda wildcards: ancient(ROUNDS.before(wildcards.cell, int(wildcards.after))),
    output:
        RESULTS / "decisions/{cell}/{by}/{after}.json",
    log:
        RESULTS / "logs/decisions/{cell}/{by}/{after}.log",
    params:
        results=RESULTS,
    shell:
        line(
            "analysis.decisions.decide",
            "--results {params.results:q} --cell {wildcards.cell:q} --after {wildcards.after} --out {output:q}",
        )


rule compare:
    input:
        # Not the machines' files: they are what other runs left, and nothing is to be measured for this.
        code(SUITE, "analysis.machines.__main__"),
        claims=SUITE / after_measuring.CLAIMS,
    output:
        multiext(str(COMPARISON / "report"), ".md", ".html"),
    log:
        COMPARISON / "compare.log",
    params:
        folders=[str(folder) for folder in machine_folders(ALL_RESULTS)],
        state=state(machine_folders(ALL_RESULTS)),
        out=COMPARISON,
    shell:
        line("analysis.machines", "--out {params.out:q} --claims {input.claims:q} {params.folders:q}")


rule bundle:
    input:
        rules.all.input,
        code(SUITE, "analysis.bundle.__main__", *(stage.module for stage in ANALYSIS)),
        [SUITE / file for file in after_measuring.BUNDLED],
    output:
        ALL_RESULTS / f"{PLAN.machine}.tar.xz",
    log:
        RESULTS / "logs/bundle.log",
    params:
        results=RESULTS,
    shell:
        line("analysis.bundle", "make --results {params.results:q} --out {output:q}")
