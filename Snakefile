"""The pipeline as a table of contents: each rule calls one module's command line."""

import json
import shlex
import sys
from pathlib import Path

from filelock import FileLock, Timeout
from snakemake.logging import logger
from snakemake.utils import min_version

min_version("9.0")
sys.path.insert(0, workflow.basedir)

from analysis.export import names as data_names
from analysis.recommendations import names as recommendation_names
from analysis.figures.names import figure_names
from analysis.records.machine_folders import machine_folders, state
from containers.rounds import progress
from containers.plan.config import validate
from containers.rounds.decided import with_decision
from workloads.vocabulary.errors import ThreadmarkError
from containers.host.machine import this_host
from containers.plan.make import contexts_of, make_plan, turned
from containers.sources import sources
from workloads.vocabulary.record import identity, to_json

# Said before every job, hundreds of times in a run, between the lines that tell of the launches.
logger.addFilter(
    lambda record: not record.getMessage().startswith(
        ("Select jobs to execute", "Execute ")
    )
)

if not workflow.configfiles:

    configfile: "config/default.yaml"


try:
    CONFIG = validate(config)
    PLAN = make_plan(CONFIG, this_host(), contexts_of(CONFIG))
except ThreadmarkError as error:
    # Without Snakemake's own lines around it: the sentence says what, where, and what to do.
    sys.exit(f"threadmark: {error}")

RESULTS = Path(CONFIG.results) / PLAN.machine
FIGURES = [
    f"figures/{stem}.{kind}" for stem in figure_names(PLAN) for kind in ("svg", "png")
]
CELLS = {cell.name: cell for cell in PLAN.cells}
ROUNDS = [
    progress.round_path(RESULTS, cell, number)
    for cell in PLAN.cells
    for number in range(1, cell.certain + 1)
]

AUDITS = [RESULTS / f"audit/{image}.json" for image in PLAN.images]

RECOMMENDED = [RESULTS / file for file in recommendation_names.files(PLAN)]

PEAKS = [RESULTS / "peaks.jsonl"] if CONFIG.peaks else []

# The tables in forms for other programs and for papers.
DATA = [RESULTS / file for file in data_names.MADE]

# Taken when jobs start, and held until this process ends, however it ends.
RUN_LOCK = FileLock(RESULTS / ".run.lock")

# The jobs run under this Snakemake's own Python and import the suite from here, wherever it was started.
shell.prefix(
    f"export PATH={shlex.quote(str(Path(sys.executable).parent))}:$PATH PYTHONPATH={shlex.quote(workflow.basedir)}; "
)

if workflow.is_main_process:
    print(progress.summary(RESULTS, PLAN), file=sys.stderr)


def code(module):
    """A rule's module and all that it imports of the suite: editing one of them makes the rule run again."""
    return [str(path) for path in sources(Path(workflow.basedir), module)]


def further_rounds(cell):
    """Asks for the rounds of an adaptive cell beyond the first ones, as far as its decisions go by now.

    One function a cell: the first decision that is still to be made ends a function, not the other cells'.
    """

    def rounds(wildcards):
        ours = cell
        while (after := ours.due) is not None:
            checkpoints.decision.get(cell=ours.name, by=ours.rule, after=after)
            ours = with_decision(RESULTS, ours, after)
        numbers = range(ours.certain + 1, ours.settled + 1)
        return [progress.round_path(RESULTS, ours, number) for number in numbers]

    return rounds


onstart:
    RESULTS.mkdir(parents=True, exist_ok=True)
    try:
        RUN_LOCK.acquire(blocking=False)
    except Timeout:
        sys.exit(
            f"threadmark: another run writes to {RESULTS}; wait until it ends, or stop it"
        )


onsuccess:
    # Other targets, such as compare and bundle, do not make it.
    if (RESULTS / "report.html").exists():
        print(
            f"threadmark: this machine's report is {RESULTS / 'report.html'} (and report.md)",
            file=sys.stderr,
        )


wildcard_constraints:
    image="[a-z][a-z0-9_-]*",
    cell="[^/]+/[^/]+",
    number=r"\d+",
    after=r"\d+",
    by="[0-9a-f]+",


localrules:
    all,


rule all:
    input:
        RESULTS / "report.md",
        RESULTS / "report.html",
        DATA,


rule machine:
    output:
        RESULTS / "machine.json",
    log:
        RESULTS / "logs/machine.log",
    shell:
        "python -m containers.host.machine --out {output:q} 2> >(tee {log:q} >&2)"


rule plan:
    output:
        plan=RESULTS / "plan.json",
        config=RESULTS / "config.yaml",
    log:
        RESULTS / "logs/plan.log",
    params:
        config=json.dumps(CONFIG.model_dump(mode="json")),
        plan=identity(to_json(PLAN)),
    shell:
        "python -m containers.plan.make --config-json {params.config:q} --config-out {output.config:q} --out {output.plan:q} 2> >(tee {log:q} >&2)"


rule image:
    input:
        ancient(RESULTS / "machine.json"),
    output:
        RESULTS / "images/{image}.json",
    log:
        RESULTS / "logs/images/{image}.log",
    # The only rule that uses the network.
    retries: 1
    params:
        context=lambda wildcards: PLAN.images[wildcards.image],
        base=CONFIG.base,
        base_image=["--base-image", CONFIG.base_image] if CONFIG.base_image else [],
    shell:
        "python -m containers.images.build --image {wildcards.image} --base {params.base} {params.base_image:q}"
        " --out {output:q} --log {log:q} 2> >(tee -a {log:q} >&2)"


rule sbom:
    input:
        Path(workflow.basedir) / "containers/images/{image}/requirements.lock",
        code("containers.images.sbom"),
        receipt=RESULTS / "images/{image}.json",
    output:
        RESULTS / "images/{image}.cdx.json",
    log:
        RESULTS / "logs/sbom/{image}.log",
    shell:
        "python -m containers.images.sbom --receipt {input.receipt:q} --out {output:q} 2> >(tee {log:q} >&2)"


rule audit:
    input:
        RESULTS / "images/{image}.json",
        ancient(RESULTS / "plan.json"),
    output:
        RESULTS / "audit/{image}.json",
    log:
        RESULTS / "logs/audit/{image}.log",
    threads: workflow.cores
    params:
        results=RESULTS,
        # What is probed: the knobs that the config turns, and the probe itself, which is in the image.
        knobs=identity([CONFIG.audit, *sorted(turned(PLAN))]),
        context=lambda wildcards: PLAN.images[wildcards.image],
    shell:
        "python -m containers.audit.probing --results {params.results:q} --image {wildcards.image} --out {output:q}"
        " 2> >(tee {log:q} >&2)"


rule canary:
    input:
        ancient(RESULTS / "plan.json"),
        ancient(expand(RESULTS / "images/{image}.json", image=PLAN.images)),
    output:
        RESULTS / "canary.json",
    log:
        RESULTS / "logs/canary.log",
    threads: workflow.cores
    params:
        results=RESULTS,
    shell:
        "python -m containers.rounds.reference --results {params.results:q} 2> >(tee {log:q} >&2)"


rule peaks:
    input:
        ancient(RESULTS / "plan.json"),
        ancient(expand(RESULTS / "images/{image}.json", image=PLAN.images)),
        ancient(RESULTS / "canary.json"),
    output:
        RESULTS / "peaks.jsonl",
    log:
        RESULTS / "logs/peaks.log",
    threads: workflow.cores
    params:
        results=RESULTS,
        contexts=PLAN.images,
    shell:
        "python -m containers.rounds.peaks --results {params.results:q} --log {log:q}"


rule round:
    input:
        # What a round depends on is in its path, so a newer plan or receipt is no reason to measure again.
        ancient(RESULTS / "plan.json"),
        ancient(expand(RESULTS / "images/{image}.json", image=PLAN.images)),
        ancient(RESULTS / "canary.json"),
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
        "python -m containers.rounds.round --results {params.results:q} --cell {wildcards.cell:q}"
        " --round {wildcards.number} --log {log:q}"


checkpoint decision:
    input:
        ancient(RESULTS / "plan.json"),
        # A decision stands: neither a newer plan nor another version of the rule makes it again.
        lambda wildcards: ancient(
            [
                progress.round_path(RESULTS, CELLS[wildcards.cell], number)
                for number in range(1, int(wildcards.after) + 1)
            ]
        ),
    output:
        RESULTS / "decisions/{cell}/{by}/{after}.json",
    log:
        RESULTS / "logs/decisions/{cell}/{by}/{after}.log",
    params:
        results=RESULTS,
    shell:
        "python -m analysis.decisions.decide --results {params.results:q} --cell {wildcards.cell:q} --after {wildcards.after}"
        " --out {output:q} 2> >(tee {log:q} >&2)"


rule tables:
    input:
        RESULTS / "plan.json",
        ROUNDS,
        code("analysis.tables.tidy"),
        [further_rounds(cell) for cell in PLAN.cells if cell.adaptive],
    output:
        RESULTS / "tables/launches.parquet",
        RESULTS / "tables/samples.parquet",
    log:
        RESULTS / "logs/tables.log",
    params:
        results=RESULTS,
    shell:
        "python -m analysis.tables.tidy --results {params.results:q} 2> >(tee {log:q} >&2)"


rule comparisons:
    input:
        RESULTS / "plan.json",
        RESULTS / "tables/launches.parquet",
        code("analysis.comparisons.compare"),
    output:
        RESULTS / "tables/comparisons.csv",
    log:
        RESULTS / "logs/comparisons.log",
    params:
        results=RESULTS,
    shell:
        "python -m analysis.comparisons.compare --results {params.results:q} 2> >(tee {log:q} >&2)"


rule components:
    input:
        RESULTS / "plan.json",
        RESULTS / "tables/launches.parquet",
        code("analysis.comparisons.components"),
    output:
        RESULTS / "tables/components.csv",
    log:
        RESULTS / "logs/components.log",
    params:
        results=RESULTS,
    shell:
        "python -m analysis.comparisons.components --results {params.results:q} 2> >(tee {log:q} >&2)"


rule claims:
    input:
        RESULTS / "plan.json",
        RESULTS / "tables/launches.parquet",
        AUDITS,
        claims=Path(workflow.basedir) / "config/claims.yaml",
        code=code("analysis.claims.judge"),
    output:
        RESULTS / "tables/claims.csv",
    log:
        RESULTS / "logs/claims.log",
    params:
        results=RESULTS,
    shell:
        "python -m analysis.claims.judge --results {params.results:q} --claims {input.claims:q} 2> >(tee {log:q} >&2)"


rule figures:
    input:
        RESULTS / "plan.json",
        RESULTS / "tables/launches.parquet",
        RESULTS / "tables/samples.parquet",
        RESULTS / "tables/comparisons.csv",
        ancient(RESULTS / "canary.json"),
        PEAKS,
        code("analysis.figures.draw"),
    output:
        [RESULTS / figure for figure in FIGURES],
    log:
        RESULTS / "logs/figures.log",
    params:
        results=RESULTS,
    shell:
        "python -m analysis.figures.draw --results {params.results:q} 2> >(tee {log:q} >&2)"


rule recommendations:
    input:
        RESULTS / "plan.json",
        RESULTS / "tables/launches.parquet",
        code("analysis.recommendations.recommend"),
    output:
        RECOMMENDED,
        RESULTS / "tables/recommendations.csv",
    log:
        RESULTS / "logs/recommendations.log",
    params:
        results=RESULTS,
    shell:
        "python -m analysis.recommendations.recommend --results {params.results:q} 2> >(tee {log:q} >&2)"


rule report:
    input:
        RESULTS / "plan.json",
        RESULTS / "machine.json",
        expand(RESULTS / "images/{image}.json", image=PLAN.images),
        expand(RESULTS / "images/{image}.cdx.json", image=PLAN.images),
        RESULTS / "tables/launches.parquet",
        RESULTS / "tables/comparisons.csv",
        RESULTS / "tables/claims.csv",
        AUDITS,
        RESULTS / "canary.json",
        [RESULTS / figure for figure in FIGURES],
        RECOMMENDED,
        code("analysis.report.render"),
        sorted(Path(workflow.basedir).glob("analysis/report/templates/*")),
    output:
        RESULTS / "report.md",
    log:
        RESULTS / "logs/report.log",
    params:
        results=RESULTS,
    shell:
        "python -m analysis.report.render --results {params.results:q} 2> >(tee {log:q} >&2)"


rule html:
    input:
        report=RESULTS / "report.md",
        figures=[RESULTS / figure for figure in FIGURES],
        code=code("analysis.report.page"),
        templates=sorted(Path(workflow.basedir).glob("analysis/report/templates/page.*")),
    output:
        RESULTS / "report.html",
    log:
        RESULTS / "logs/html.log",
    shell:
        "python -m analysis.report.page --report {input.report:q} 2> >(tee {log:q} >&2)"


rule data:
    input:
        RESULTS / "tables/launches.parquet",
        RESULTS / "tables/comparisons.csv",
        RESULTS / "tables/claims.csv",
        RESULTS / "tables/recommendations.csv",
        RESULTS / "tables/components.csv",
        code("analysis.export.twins"),
    output:
        DATA,
    log:
        RESULTS / "logs/data.log",
    params:
        results=RESULTS,
    shell:
        "python -m analysis.export.twins --results {params.results:q} 2> >(tee {log:q} >&2)"


rule compare:
    input:
        # Not the machines' files: they are what other runs left, and nothing is to be measured for this.
        code("analysis.machines.side_by_side"),
        sorted(Path(workflow.basedir).glob("analysis/report/templates/*")),
        claims=Path(workflow.basedir) / "config/claims.yaml",
    output:
        Path(CONFIG.results) / "comparison/report.md",
        Path(CONFIG.results) / "comparison/report.html",
    log:
        Path(CONFIG.results) / "comparison/compare.log",
    params:
        folders=[str(folder) for folder in machine_folders(Path(CONFIG.results))],
        state=state(machine_folders(Path(CONFIG.results))),
        out=Path(CONFIG.results) / "comparison",
    shell:
        "python -m analysis.machines.side_by_side --out {params.out:q} --claims {input.claims:q} {params.folders:q}"
        " 2> >(tee {log:q} >&2)"


rule bundle:
    input:
        rules.all.input,
        code("analysis.bundle.command"),
        [
            Path(workflow.basedir) / file
            for file in ("requirements.lock", "config/claims.yaml", "CITATION.cff")
        ],
    output:
        Path(CONFIG.results) / f"{PLAN.machine}.tar.xz",
    log:
        RESULTS / "logs/bundle.log",
    params:
        results=RESULTS,
    shell:
        "python -m analysis.bundle.command make --results {params.results:q} --out {output:q} 2> >(tee {log:q} >&2)"
