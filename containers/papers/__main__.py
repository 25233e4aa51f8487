"""List the profiles with what they would take on this machine, or find one by its name.

python -m containers.papers [PAPER]
"""

from dataclasses import dataclass
from pathlib import Path

from containers.host.machine import this_host
from containers.images.declaration import ROOT
from containers.notices import say
from containers.plan.config import read, validate
from containers.plan.make import contexts_of, make_plan
from containers.rounds.progress import ahead
from workloads.vocabulary.amounts import count
from workloads.vocabulary.command_line import parser_of
from workloads.vocabulary.errors import ConfigError, command
from workloads.vocabulary.nearest import nearest
from workloads.vocabulary.plan import HoleKind

PROFILES = ROOT / "config/papers"


@dataclass(frozen=True)
class Profile:
    """One paper or guide."""

    name: str
    folder: Path

    @property
    def config(self) -> Path:
        """Its config."""
        return self.folder / "config.yaml"

    @property
    def title(self) -> str:
        """What its README is headed. Raises ConfigError where there is none."""
        readme = self.folder / "README.md"
        try:
            return readme.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")
        except (OSError, IndexError):
            raise ConfigError(
                f"{readme} cannot be read", "a profile holds config.yaml, claims.yaml and README.md"
            ) from None


def profiles(folder: Path = PROFILES) -> list[Profile]:
    """All profiles, by name."""
    return [Profile(path.parent.name, path.parent) for path in sorted(folder.glob("*/config.yaml"))]


def profile(name: str, folder: Path = PROFILES) -> Profile:
    """The profile of a name. Raises ConfigError for one that is none, with the nearest."""
    known = {profile.name: profile for profile in profiles(folder)}
    if name not in known:
        raise ConfigError(f"there is no paper {name!r} in {folder}", nearest(name, known))
    return known[name]


def told(own: Profile) -> str:
    """A profile in a line: what it is, and what it would take here. Raises ConfigError."""
    config = validate(read(own.config))
    plan = make_plan(config, this_host(), contexts_of(config))
    to_come = ahead(Path(config.results) / plan.machine, plan)
    absent = sum(hole.kind is HoleKind.SWEEP for hole in plan.holes)
    holes = f"; {count(absent, 'sweep')} not here" if absent else ""
    return f"{own.name:<16} {own.title} ({to_come.launches} launches, {to_come.left} of measuring here{holes})"


def show(name: str | None) -> None:
    """Print the line of each profile, or where one's config lies. Raises ConfigError."""
    if name is not None:
        print(profile(name).config.relative_to(ROOT))
        return
    for own in profiles():
        print(told(own))
    say("make paper PAPER=name measures one; results/papers/ gets its report")


def main(argv: list[str] | None = None) -> int:
    """Command line: see the module's docstring."""
    parser = parser_of(main)
    parser.add_argument("paper", nargs="?", help="a profile's name: prints where its config lies")
    arguments = parser.parse_args(argv)
    return command(lambda: show(arguments.paper))


if __name__ == "__main__":
    raise SystemExit(main())
