"""What each knob does in an image on this machine: probes of one value at a time, and facts about TensorFlow."""

import json
import re
import signal
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

from containers.audit import facts as audit_facts
from containers.audit.aspects import is_unsure
from containers.audit.census import taken
from containers.audit.rules import Died, Probed, findings
from containers.audit.trials import Trial, Tried, shadowed, tried_values
from containers.engine import connection as engine
from containers.engine.connection import Client
from containers.engine.environment import padded
from containers.engine.question import Answer, run
from containers.host.machine import this_host
from containers.images.declaration import takes_gpus
from containers.images.recipe import CACHE
from containers.machine_lock import alone
from containers.notices import say
from containers.plan.symbolic import Counts
from workloads.harness.exercise import SUBJECTS
from workloads.harness.probe import Seen
from workloads.vocabulary import documents
from workloads.vocabulary.errors import ImageError
from workloads.vocabulary.inventory import Audit, Receipt
from workloads.vocabulary.knobs import variable
from workloads.vocabulary.plan import Plan, ProbedKnobs
from workloads.vocabulary.record import ImageIdentity, identity

_SIDE_BY_SIDE = 8  # at most: each takes half a gigabyte of memory; one more than CPUs, for a probe also waits
# As in a launch: a container's first process cannot end itself by a signal.
_SHELL = 'python3 -m workloads.harness.probe "$1"; exit $?'

Outcomes = dict[Trial, list[Seen | Died]]


class Prober:
    """Probes an image on this machine, several trials at a time, and keeps what came out."""

    def __init__(self, client: Client, image: ImageIdentity, cpus: list[int]) -> None:
        self._client, self._image, self._cpus = client, image, cpus
        self.outcomes: Outcomes = {}
        self.probes = 0

    def probe(self, trials: Iterable[Trial]) -> None:
        """Probe each trial once more. Raises ImageError if the image cannot run a probe at all."""
        wanted = list(trials)
        with ThreadPoolExecutor(min(len(self._cpus) + 1, _SIDE_BY_SIDE)) as pool:
            for trial, outcome in zip(wanted, pool.map(self._run, wanted), strict=True):
                self.outcomes.setdefault(trial, []).append(outcome)
        self.probes += len(wanted)

    def _run(self, trial: Trial) -> Seen | Died:
        words = ["/bin/sh", "-c", _SHELL, "probe", json.dumps(asdict(trial.asked))]
        answer = run(
            self._client,
            image=self._image.id,
            command=words,
            environment=padded(dict(trial.environment), words),
            cpus=self._cpus[: trial.cpus],
            cpu_quota=trial.cpu_quota,
            gpu=takes_gpus(self._image.name),
        )
        return read_answer(answer)


def read_answer(answer: Answer) -> Seen | Died:
    """What a probe saw, or how it died."""
    if answer.exit_code == 0:
        return documents.parse(Seen, answer.stdout, "a probe's answer")
    if answer.exit_code is None:
        return Died("the process did not end in time")
    known = {128 + number.value: number.name for number in signal.Signals}  # as the shell reports them
    name = known.get(answer.exit_code)
    how = f"the process was ended by {name}" if name else f"the process ended with exit status {answer.exit_code}"
    return Died(f"{how}: {_reason(answer.stderr)}")


def _reason(stderr: str) -> str:
    """The line that says why: a fatal check's, an uncaught exception's, or the last."""
    lines = [line for line in stderr.splitlines() if line.strip()] or ["it said nothing"]
    fatal = [line for line in lines if re.match(r"F\d{4} |F0000|terminate called|\w+(\.\w+)*Error: ", line)]
    return re.sub(r"^F\d{4} .*?\] ", "", (fatal or lines)[-1]).strip()[:300]


def audit(client: Client, plan: Plan, image: ImageIdentity, cpus: list[int], values: list[Tried]) -> Audit:
    """Probe these values of knobs, and all facts, in one image; the plan says what is set beside what.

    Raises ImageError or EngineError.
    """
    started = time.monotonic()
    prober = Prober(client, image, cpus)
    for_facts = audit_facts.trials(len(cpus))
    # The workloads ask for little that TensorFlow's parts do not, and take a minute.
    subjects = list(SUBJECTS) if plan.probed is ProbedKnobs.CATALOGUE else ["tensorflow"]
    say(f"auditing {image.name}: which variables it asks for ...")
    names = sorted({name for value in values if (name := variable(value.knob)) is not None})
    kept = CACHE / "census" / plan.machine / f"{identity([image.id, subjects, names])}.json"
    census = taken(client, image, cpus, subjects, names, kept)
    say(f"auditing {image.name}: {len(values)} values of knobs, one container each ...")
    # The facts' first: the one on half a CPU takes longest.
    prober.probe(dict.fromkeys([*for_facts.values(), *_trials(values)]))
    # Nothing is set in either of these two probes: what differs between them is chance.
    plain = _plain(prober, [for_facts["plain"], for_facts["late"]])
    _ask_again(prober, values, plain)
    probed = [Probed(value, prober.outcomes[value.trial] if value.trial else []) for value in values]
    return Audit(
        image=image,
        machine=plan.machine,
        findings=findings(probed, plain, shadowed(plan, image.name), census),
        facts=audit_facts.facts(
            {name: prober.outcomes[trial][0] for name, trial in for_facts.items()}, len(cpus), census
        ),
        probes=prober.probes,
        seconds=round(time.monotonic() - started, 1),
        census=census,
    )


def _plain(prober: Prober, trials: list[Trial]) -> list[Seen]:
    """What the probes of nothing saw. Raises ImageError if one of them died."""
    died = [outcome for trial in trials for outcome in prober.outcomes[trial] if isinstance(outcome, Died)]
    if died:
        raise ImageError(f"a probe without any knob fails in this image: {died[0].how}", "build the image again")
    return [seen for trial in trials for seen in _seen(prober, trial)]


def _trials(values: list[Tried]) -> list[Trial]:
    return [value.trial for value in values if value.trial is not None]


def _seen(prober: Prober, trial: Trial) -> list[Seen]:
    return [outcome for outcome in prober.outcomes[trial] if isinstance(outcome, Seen)]


def _ask_again(prober: Prober, values: list[Tried], plain: list[Seen]) -> None:
    """A second probe where only what other programs can disturb has changed."""
    once = dict.fromkeys(_trials(values))
    prober.probe([trial for trial in once if (seen := _seen(prober, trial)) and is_unsure(plain, seen)])


def write(results: Path, image: str, out: Path) -> None:
    """Audit an image of the plan in the machine's folder `results`. Raises EngineError, ImageError, DocumentError."""
    plan = documents.read(Plan, results / "plan.json")
    receipt = documents.read(Receipt, results / "images" / f"{image}.json")
    host = this_host()
    values = tried_values(plan, image, Counts(len(host.cpus), host.physical_cores))
    client = engine.connect()
    try:
        with alone(say), engine.engine_errors(f"auditing the image {image}"):
            documents.write(out, audit(client, plan, receipt.image, host.cpus, values))
    finally:
        client.close()
