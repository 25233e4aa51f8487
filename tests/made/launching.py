"""A launch on the engine from its start to its end, all of its turns one after another."""

from dataclasses import replace

from docker import DockerClient

from containers.launch import in_container, outside_container
from containers.launch.begun import Begun
from containers.launch.outcome import Ending
from containers.launch.prepared import Launch
from workloads.vocabulary.plan import Cell


def launched(client: DockerClient, cell: Cell, launch: Launch) -> Begun:
    """A launch that took its cell's turns and has ended."""
    begin = in_container.begin if launch.container else outside_container.begin
    begun = begin(client, cell, launch)
    try:
        if begun.wait_until_ready():
            for _ in range(cell.timing.cycles):
                begun.slice()
            begun.finish()
    finally:
        begun.remove()
    return begun


def ending_of(client: DockerClient, cell: Cell, launch: Launch) -> Ending:
    """How a launch ended."""
    ending = launched(client, cell, launch).ending
    assert ending is not None
    return ending


_SUPERVISE = "import sys; from workloads.harness.supervisor import Supervisor; sys.exit(Supervisor(sys.argv[1:]).run())"


def supervised(launch: Launch, *words: str) -> Launch:
    """The same launch with other words in the worker's place; what they print is in the ending's stderr."""
    quiet = ["/bin/sh", "-c", 'exec "$@" >&2', "sh"]
    return replace(launch, command=["python3", "-c", _SUPERVISE, *quiet, *words])


def answering(launch: Launch, script: str) -> Launch:
    """The same launch with a shell's script in the worker's place; what it prints are its answers."""
    return replace(launch, command=["python3", "-c", _SUPERVISE, "/bin/sh", "-c", script])
