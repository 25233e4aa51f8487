"""Keeps names of host and user and home paths out of bundles: where a run could have written them, and the check.

Containers see no host name, user or home, so records hold none unless a config hands one in. What can hold them are
the paths that a user writes into a config: the results' folder and the files of a model. Nothing that is measured
depends on those, so a bundle's plan and config hold them without the folders that lead there. Everything else is
searched.
"""

import os
import pwd
import re
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from analysis.bundle.contents import of_origin
from workloads.vocabulary.errors import BundleError
from workloads.vocabulary.plan import Plan, UserModel

# They tell nobody apart, and stand in documents with another meaning.
_ANYBODY = {"admin", "debian", "docker", "localhost", "nobody", "root", "runner", "threadmark", "ubuntu", "user"}

# Letters of a name that can be looked for: shorter ones are found by chance in anything.
_SHORTEST = 3


@dataclass(frozen=True)
class Names:
    """What must not be in a bundle."""

    words: frozenset[str]  # names of host and user
    homes: frozenset[str]  # paths of home folders


def names_here() -> Names:
    """The names of this host and of the user who runs this process, by whatever way the process was started."""
    users = {os.environ.get(variable, "") for variable in ("USER", "LOGNAME", "SUDO_USER")}
    homes = {os.environ.get("HOME", "")}
    with suppress(KeyError):
        users.add(pwd.getpwuid(os.getuid()).pw_name)
    for user in users - {""}:
        with suppress(KeyError):
            homes.add(pwd.getpwnam(user).pw_dir)
    host = socket.gethostname()
    return Names(frozenset(users | {host, host.partition(".")[0]}), frozenset(homes))


def without_folders(plan: Plan) -> Plan:
    """The plan with each path in it cut to what says nothing of the machine's folders."""
    config = dict(plan.config)
    if isinstance(results := config.get("results"), str):
        config["results"] = _harmless(results)
    if isinstance(workloads := config.get("workloads"), dict):
        config["workloads"] = {name: _entry(entry) for name, entry in workloads.items()}
    cells = [replace(cell, model=cell.model and _model(cell.model)) for cell in plan.cells]
    return replace(plan, config=config, cells=cells)


def _entry(entry: object) -> object:
    if not isinstance(entry, dict):
        return entry
    paths = {key: _harmless(entry[key]) for key in ("model", "inputs") if isinstance(entry.get(key), str)}
    return entry | paths


def _model(model: UserModel) -> UserModel:
    return replace(model, path=_harmless(model.path), inputs=None if model.inputs is None else _harmless(model.inputs))


def _harmless(path: str) -> str:
    """A path below where the command ran as it is; of any other, the last part."""
    pure = PurePosixPath(path)
    outside = pure.is_absolute() or ".." in pure.parts or path.startswith("~")
    return pure.name if outside else path


def check_names(files: Mapping[str, bytes], names: Names, place: str) -> None:
    """Raise BundleError for a file that holds one of the names.

    Homes are looked for in every file; the names of host and user in the documents of the run, from which all others
    follow: the report's own words may well be somebody's name.
    """
    homes = [home for home in sorted(names.homes) if len(PurePosixPath(home).parts) > 1]
    words = [name for name in sorted(names.words) if len(name) >= _SHORTEST and name.lower() not in _ANYBODY]
    _refuse(files, homes, place)
    _refuse(of_origin(files, "measured"), words, place)


def _refuse(files: Mapping[str, bytes], names: list[str], place: str) -> None:
    if not names:
        return
    either = re.compile(b"(?<![A-Za-z0-9_])(" + b"|".join(re.escape(name.encode()) for name in names) + rb")(?!\w)")
    for file in sorted(files):
        if match := either.search(files[file]):
            line = files[file].count(b"\n", 0, match.start()) + 1
            raise BundleError(
                f"{place}: {file}:{line} holds {match[1].decode()!r}, a name of this machine or its user",
                "take it out of the config and measure again, or make the bundle with --with-names",
            )
