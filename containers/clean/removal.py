"""Remove what this suite left in the engine and in its cache; never results, never anybody else's things.

What a run that was stopped leaves is small and does no harm: the next run removes its launches, fills a model's volume
again, and takes over files that were half written. This command removes the rest of it, and on request the images.
"""

import shutil
import tempfile
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path

from containers.clean.things import LEVELS, Level, Thing, in_engine, remove, space
from containers.engine import connection as engine
from containers.images import bootstrap
from containers.images.recipe_identities import current_recipes
from containers.launch import outside_container as bare
from containers.machine_lock import alone_or_not_at_all
from containers.notices import say
from workloads.vocabulary.amounts import size
from workloads.vocabulary.errors import EngineError

# Under way when a kill came: a base to the engine, wheels from the index, an image's files, a document to its name.
_HALF = (".base-*", "wheels/*/.fetch-*", f"{bare.FOLDER.name}/writing", "receipts/*.writing")


def clean(level: Level, cache: Path, agree: Callable[[], bool]) -> None:
    """List what goes at a level and, if that is agreed to, remove it; prints what space was won.

    Raises RunError while a run is under way, EngineError if the engine stops answering.
    """
    with alone_or_not_at_all("cleaning"):
        client = _engine()
        made = [] if client is None else in_engine(client, current_recipes())
        files = in_cache(cache)
        chosen = [thing for thing in made if _goes(thing, level)], [thing for thing in files if _goes(thing, level)]
        for thing in [*chosen[0], *chosen[1]]:
            print(f"{'?' if thing.size_bytes is None else size(thing.size_bytes):>9}  {thing.what}")
        for other in LEVELS[LEVELS.index(level) + 1 :]:
            if more := sum(thing.level == other for thing in [*made, *files]):
                print(f"{'':>9}  ({more} more at level {other})")
        if not any(chosen):
            print(f"nothing of this suite's to remove at level {level}")
        elif agree():
            won = _remove_files(chosen[1]) + (0 if client is None else _remove_from_engine(client, chosen[0]))
            print(f"{size(won)} won")
        else:
            print("nothing was removed")


def in_cache(cache: Path) -> list[Thing]:
    """What lies in the cache, and a base half made: what a kill left, and what spares the next run the network."""
    half = {path for pattern in _HALF for path in cache.glob(pattern)}
    half |= set(Path(tempfile.gettempdir()).glob(f"{bootstrap.SCRATCH}*"))
    exported = set(cache.glob(bare.FOLDER.name))
    fetched = set(cache.glob("*")) - half - exported
    return [
        *_files("leftovers", "half done", half),
        *_files("old", "files of an image", exported, half),
        *_files("all", "cache", fetched, half),
    ]


def _files(level: Level, what: str, paths: set[Path], listed: Collection[Path] = ()) -> list[Thing]:
    """Entries for files and folders; of a folder's size, that of the parts that have an entry already is left out."""
    return [
        Thing(
            level,
            f"{path} ({what})",
            _size(path) - sum(_size(part) for part in listed if part.is_relative_to(path)),
            partial(_delete, path),
        )
        for path in sorted(paths)
    ]


def _goes(thing: Thing, level: Level) -> bool:
    return LEVELS.index(thing.level) <= LEVELS.index(level)


def _engine() -> engine.Client | None:
    try:
        return engine.connect()
    except EngineError as error:
        say(f"{error}; only files are looked at")
        return None


def _size(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.lstat().st_size for file in files if file.is_symlink() or not file.is_dir())


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _remove_files(things: list[Thing]) -> int:
    won = 0
    for thing in things:
        thing.remove()
        won += thing.size_bytes or 0
    return won


def _remove_from_engine(client: engine.Client, things: list[Thing]) -> int:
    before = space(client)
    for thing in things:
        if (reason := remove(thing)) is not None:
            print(f"kept: {thing.what}: {reason}")
    return max(0, before - space(client))
