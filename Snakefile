"""The pipeline as a table of contents: each rule calls one module's command line."""

import json
import shlex
import sys
from pathlib import Path

from filelock import FileLock, Timeout
from snakemake.utils import min_version

min_version("9.0")
sys.path.insert(0, workflow.basedir)

from analysis import recommendation_names
from analysis.figure_names import figure_names
from containers import progress
from containers.config import validate
from containers.errors import ThreadmarkError
from containers.machine import this_host
from containers.plan import contexts_of, make_plan, turned
from containers.sources import sources
from workloads.record import identity, to_json

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
ROUNDS = [
    progress.round_path(RESULTS, cell, number)
    for cell in PLAN.cells
    for number in range(1, cell.rounds + 1)
]

AUDITS = [RESULTS / f"audit/{image}.json" for image in PLAN.images]

RECOMMENDED = [RESULTS / file for file in recommendation_names.files(PLAN)]

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


onstart:
    RESULTS.mkdir(parents=True, exist_ok=True)
    try:
        RUN_LOCK.acquire(blocking=False)
    except Timeout:
        sys.exit(
            f"threadmark: another run writes to {RESULTS}; wait until it ends, or stop it"
        )


onsuccess:
    print(f"threadmark: the report is {RESULTS / 'report.md'}", file=sys.stderr)


wildcard_constraints:
    image="[a-z]+",
    cell="[^/]+/[^/]+",
    number=r"\d+",


localrules:
    all,


rule all:
    input:
        RESULTS / "report.md",


rule machine:
    output:
        RESULTS / "machine.json",
    log:
        RESULTS / "logs/machine.log",
    shell:
        "python -m containers.machine --out {output:q} 2> >(tee {log:q} >&2)"


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
        "python -m containers.plan --config-json {params.config:q} --config-out {output.config:q} --out {output.plan:q} 2> >(tee {log:q} >&2)"


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
        "python -m containers.build --image {wildcards.image} --base {params.base} {params.base_image:q}"
        " --out {output:q} --log {log:q}"


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
        "python -m containers.audit --results {params.results:q} --image {wildcards.image} --out {output:q}"
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
        "python -m containers.canary --results {params.results:q} 2> >(tee {log:q} >&2)"


rule round:
    input:
        # What a round depends on is in its path, so a newer plan or receipt is no reason to measure again.
        ancient(RESULTS / "plan.json"),
        ancient(expand(RESULTS / "images/{image}.json", image=PLAN.images)),
        ancient(RESULTS / "canary.json"),
    output:
        RESULTS / "rounds/{cell}/{number}.jsonl",
    log:
        RESULTS / "logs/rounds/{cell}/{number}.log",
    # Round 1 of everything comes before round 2 of anything: an interrupted run is a coarser one.
    priority: lambda wildcards: -int(wildcards.number)
    # Not the benchmark's threads: they keep every other job away while this one measures.
    threads: workflow.cores
    params:
        results=RESULTS,
    shell:
        "python -m containers.run --results {params.results:q} --cell {wildcards.cell:q}"
        " --round {wildcards.number} --log {log:q}"


rule tables:
    input:
        RESULTS / "plan.json",
        ROUNDS,
        code("analysis.tidy"),
    output:
        RESULTS / "tables/launches.parquet",
        RESULTS / "tables/samples.parquet",
    log:
        RESULTS / "logs/tables.log",
    params:
        results=RESULTS,
    shell:
        "python -m analysis.tidy --results {params.results:q} 2> >(tee {log:q} >&2)"


rule comparisons:
    input:
        RESULTS / "plan.json",
        RESULTS / "tables/launches.parquet",
        code("analysis.stats"),
    output:
        RESULTS / "tables/comparisons.csv",
    log:
        RESULTS / "logs/comparisons.log",
    params:
        results=RESULTS,
    shell:
        "python -m analysis.stats --results {params.results:q} 2> >(tee {log:q} >&2)"


rule claims:
    input:
        RESULTS / "plan.json",
        RESULTS / "tables/launches.parquet",
        AUDITS,
        claims=Path(workflow.basedir) / "config/claims.yaml",
        code=code("analysis.claims"),
    output:
        RESULTS / "tables/claims.csv",
    log:
        RESULTS / "logs/claims.log",
    params:
        results=RESULTS,
    shell:
        "python -m analysis.claims --results {params.results:q} --claims {input.claims:q} 2> >(tee {log:q} >&2)"


rule figures:
    input:
        RESULTS / "plan.json",
        RESULTS / "tables/launches.parquet",
        RESULTS / "tables/samples.parquet",
        RESULTS / "tables/comparisons.csv",
        code("analysis.figures"),
    output:
        [RESULTS / figure for figure in FIGURES],
    log:
        RESULTS / "logs/figures.log",
    params:
        results=RESULTS,
    shell:
        "python -m analysis.figures --results {params.results:q} 2> >(tee {log:q} >&2)"


rule recommendations:
    input:
        RESULTS / "plan.json",
        RESULTS / "tables/launches.parquet",
        code("analysis.recommendation"),
    output:
        RECOMMENDED,
    log:
        RESULTS / "logs/recommendations.log",
    params:
        results=RESULTS,
    shell:
        "python -m analysis.recommendation --results {params.results:q} 2> >(tee {log:q} >&2)"


rule report:
    input:
        RESULTS / "plan.json",
        RESULTS / "machine.json",
        expand(RESULTS / "images/{image}.json", image=PLAN.images),
        RESULTS / "tables/launches.parquet",
        RESULTS / "tables/comparisons.csv",
        RESULTS / "tables/claims.csv",
        AUDITS,
        RESULTS / "canary.json",
        [RESULTS / figure for figure in FIGURES],
        RECOMMENDED,
        code("analysis.report"),
        sorted(Path(workflow.basedir).glob("analysis/templates/*")),
    output:
        RESULTS / "report.md",
    log:
        RESULTS / "logs/report.log",
    params:
        results=RESULTS,
    shell:
        "python -m analysis.report --results {params.results:q} 2> >(tee {log:q} >&2)"
