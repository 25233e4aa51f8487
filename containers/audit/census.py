"""Which environment variables an image asks for: TensorFlow is exercised in containers that note each question."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from containers.engine.connection import Client
from containers.engine.environment import padded
from containers.engine.question import Answer, run
from containers.images.declaration import takes_gpus
from workloads.harness.census import LIBRARY, Told
from workloads.vocabulary import documents
from workloads.vocabulary.census import Census, CensusPhase, added
from workloads.vocabulary.errors import DocumentError
from workloads.vocabulary.record import ImageIdentity

_SHELL = 'python3 -m workloads.harness.census "$@"; exit $?'


def take(
    client: Client, image: ImageIdentity, cpus: Sequence[int], subjects: Sequence[str], names: Sequence[str]
) -> Census:
    """The census of an image, its subjects (of `exercise.SUBJECTS`) side by side; `names` are looked for in libraries.

    What cannot be seen is a phase that failed.
    Raises ImageError if the image cannot run a container at all.
    """

    def asked(subject: str) -> list[Told]:
        words = ["/bin/sh", "-c", _SHELL, "census", subject, *names]
        answer = run(
            client,
            image=image.id,
            command=words,
            environment=padded({"LD_PRELOAD": LIBRARY}, words),
            cpus=cpus,
            gpu=takes_gpus(image.name),
        )
        return read_answer(subject, answer)

    with ThreadPoolExecutor(len(subjects)) as pool:
        return summed(list(pool.map(asked, subjects)))


def taken(
    client: Client,
    image: ImageIdentity,
    cpus: Sequence[int],
    subjects: Sequence[str],
    names: Sequence[str],
    kept: Path,
) -> Census:
    """The census of an image as `take` gives it; taken once and then kept in the file `kept`, if it is whole.

    What an image asks for follows from its bytes, and hardly from anything else of a machine.
    """
    try:
        return documents.read(Census, kept)
    except DocumentError:
        pass  # none yet, or one of another format
    census = take(client, image, cpus, subjects, names)
    if census.missed is None:
        documents.write(kept, census)
    return census


def read_answer(subject: str, answer: Answer) -> list[Told]:
    """What a subject's container told, up to where it ended; a last phase that failed where that was too early."""
    told = [documents.parse(Told, line, "a line of a census") for line in answer.stdout.splitlines()]
    if told and told[-1].phase is None:
        return told
    how = "did not end in time" if answer.exit_code is None else f"ended with status {answer.exit_code}"
    said = (answer.stderr.strip().splitlines() or ["it said nothing"])[-1][:300]
    return [*told, Told(CensusPhase(f"the rest of {subject}", failed=f"the process {how}: {said}"), [])]


def summed(of_subjects: Sequence[Sequence[Told]]) -> Census:
    """The census that several containers make together."""
    told = [line for lines in of_subjects for line in lines]
    phases = {line.phase.name: line.phase for line in reversed(told) if line.phase is not None}
    reads = added(read for line in told for read in line.reads)
    asked = {read.variable for read in reads}
    standing: dict[str, set[str]] = {}
    for line in told:
        for name, libraries in line.names.items():
            standing.setdefault(name, set()).update(libraries)
    unseen = {library: how for line in told for library, how in line.unseen.items()}
    hidden = {name: sorted(libraries & unseen.keys()) for name, libraries in sorted(standing.items())}
    return Census(
        phases=list(reversed(phases.values())),
        reads=reads,
        unread={name: sorted(libraries) for name, libraries in sorted(standing.items()) if name not in asked},
        unseen=unseen,
        hidden={name: libraries for name, libraries in hidden.items() if libraries},
        # Each line tells all of its process so far.
        not_noted=sum(max((line.not_noted for line in lines), default=0) for lines in of_subjects),
    )
