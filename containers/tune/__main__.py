"""From a model to its settings: tries the model once, writes a config that searches, runs it, and says what came out.

python -m containers.tune model.keras --goal latency --minutes 5
"""

import math
from pathlib import Path

import yaml

from containers.host.machine import this_host
from containers.notices import say
from containers.plan.config import validate
from containers.plan.user_models.files import size_of
from containers.tune.space import FEWEST_MINUTES, Goal, Wanted, searching, without_search
from containers.tune.trial import Tried, try_once
from containers.workflow.whole_run import run_module, run_whole
from workloads.vocabulary import amounts
from workloads.vocabulary.command_line import parser_of
from workloads.vocabulary.documents import write_text
from workloads.vocabulary.errors import ConfigError, RunError, command

_MILLISECONDS = 1e3


def tune(wanted: Wanted, out: Path) -> None:
    """Search a setting for a model, and print the answer. Raises ThreadmarkError."""
    if wanted.p99_ms is not None and not 0 < wanted.p99_ms < math.inf:
        raise ConfigError(f"P99_MS={wanted.p99_ms:g} is no time", "give milliseconds above 0")
    if wanted.p99_ms is not None and wanted.batch != 1:
        raise ConfigError("P99_MS bounds single calls, and with BATCH above 1 none is timed alone", "leave BATCH out")
    if wanted.minutes < FEWEST_MINUTES:
        raise ConfigError(f"MINUTES={wanted.minutes:g} are too few", f"give {FEWEST_MINUTES:g} or more")
    tried = try_once(validate(without_search(wanted)))
    say(_found(wanted, tried))
    content = searching(wanted, tried.start_s, len(this_host().cpus))
    folder = out / f"{Path(wanted.model).stem}-{tried.content[:8]}"
    content["results"] = str(folder)
    sweep = content["sweeps"]["tune"]
    say(
        f"searching {len(sweep['settings'])} settings for the best {wanted.goal}, in about {wanted.minutes:.3g}"
        f" minutes; the config is {folder}/config.yaml"
    )
    config = folder / "config.yaml"
    write_text(config, yaml.safe_dump(content, sort_keys=False))
    machine = folder / this_host().slug
    run_whole(config, machine)
    if run_module("analysis.recommendations.answer", "--results", str(machine)) != 0:
        raise RunError("the answer could not be told", "its own words stand above")


def _found(wanted: Wanted, tried: Tried) -> str:
    measurement = tried.measurement
    facts, size = measurement.model, amounts.size(size_of(Path(wanted.model)))
    assert facts is not None
    number = facts.parameters
    parameters = "parameters not shown" if number is None else f"{amounts.digits(number / 1e6)} million parameters"
    memory = amounts.size(measurement.usage.peak_rss_bytes)
    return (
        f"{wanted.model} is {facts.form} ({size}, {parameters}), called on {facts.inputs}.\n"
        f"threadmark: it runs: {tried.start_s:.1f} s to start, {tried.call_s * _MILLISECONDS:.3g} ms a call of"
        f" {wanted.batch} {'example' if wanted.batch == 1 else 'examples'}, {memory} of memory;"
        f" held against {measurement.check.reference}"
    )


def main(argv: list[str] | None = None) -> int:
    """Command line: see the module's docstring."""
    parser = parser_of(main)
    parser.add_argument("model", help="a model of any form that docs/config.md names")
    parser.add_argument("--goal", type=Goal, choices=list(Goal), default=Goal.LATENCY, help="what to be best at")
    parser.add_argument("--batch", type=int, default=1, help="examples a call")
    parser.add_argument("--inputs", help="a file with the model's inputs; made up if not given")
    parser.add_argument("--signature", help="of a SavedModel, or `inputs -> outputs` of a frozen graph")
    parser.add_argument("--call", help="of a Keras model: function, call, predict, predict_on_batch or train")
    parser.add_argument("--minutes", type=float, default=5.0, help="all together, once the image stands")
    parser.add_argument("--p99-ms", type=float, help="of a hundred calls, 99 may take no longer, in milliseconds")
    parser.add_argument("--memory", help="limit of a launch, as 4GiB")
    parser.add_argument(
        "--allow-reduced-precision", action="store_true", help="also try settings that round more than float32 does"
    )
    parser.add_argument("--out", type=Path, default=Path("results/tune"), help="where the models' folders go")
    asked = parser.parse_args(argv)
    wanted = Wanted(
        model=asked.model,
        goal=asked.goal,
        batch=asked.batch,
        inputs=asked.inputs,
        minutes=asked.minutes,
        memory=asked.memory,
        p99_ms=asked.p99_ms,
        reduced_precision=asked.allow_reduced_precision,
        signature=asked.signature,
        call=asked.call,
    )
    return command(lambda: tune(wanted, asked.out))


if __name__ == "__main__":
    raise SystemExit(main())
