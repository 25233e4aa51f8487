"""What a user writes in YAML, held against a pydantic model; a mistake gets one sentence that names its place."""

import re
import reprlib
from collections.abc import Hashable, Iterator
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from workloads.vocabulary.documents import short
from workloads.vocabulary.errors import ConfigError
from workloads.vocabulary.nearest import nearest

M = TypeVar("M", bound=BaseModel)

_MOST_BYTES = 2**20  # of a file that a person writes
_MOST_LETTERS = 120  # of a name or a remedy in a sentence

# How pydantic names one of several forms: "literal['auto']", "dict[constrained-str,Model]".
_FORM = re.compile(r"([a-z]+)[a-z-]*\[")


class Strict(BaseModel):
    """A model that has no field but its own, and does not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def read_yaml(path: Path, remedy: str) -> dict[str, Any]:
    """The mapping in a YAML file. Raises ConfigError with `remedy` if there is none, or one that no person writes."""
    try:
        with path.open("rb") as file:
            text = file.read(_MOST_BYTES + 1)
        if len(text) > _MOST_BYTES:
            raise ConfigError(f"{path} has more than {_MOST_BYTES // 1000} kB", remedy)
        content = yaml.load(text.decode("utf-8"), _Loader)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise ConfigError(f"{path} cannot be read ({reason})", remedy) from None
    except yaml.YAMLError as error:
        raise ConfigError(f"{path} is not YAML: {short(error)}") from None
    except RecursionError:
        raise ConfigError(f"{path} is nested too deeply", remedy) from None
    if not isinstance(content, dict):
        raise ConfigError(f"{path} holds no mapping", remedy)
    return content


class _Loader(yaml.SafeLoader):
    """Refuses a key that stands twice in one mapping, of which YAML's own loader takes the last one, silently."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """As the safe loader's. Raises YAMLError."""
        seen: set[Any] = set()
        for key, _ in node.value:
            if key.tag == "tag:yaml.org,2002:merge":
                continue
            name = self.construct_object(key, deep=True)
            if not isinstance(name, Hashable):
                continue  # YAML's own loader says what is wrong with it
            if name in seen:
                words = f"the key {name!r} stands twice in one mapping"
                raise yaml.constructor.ConstructorError(None, None, words, key.start_mark)
            seen.add(name)
        return super().construct_mapping(node, deep)


def validated(model: type[M], content: object, place: str) -> M:
    """The content as `model`. Raises ConfigError, which starts with `place`, for the first mistake."""
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise _explained(error, model, place) from None


def _explained(error: ValidationError, model: type[BaseModel], place: str) -> ConfigError:
    # An unknown key is often the cause of the other mistakes, a missing key that was misspelled among them.
    # Of a value's several allowed forms, the one that got furthest is the one that was meant.
    first = min(error.errors(), key=lambda detail: (detail["type"] != "extra_forbidden", -len(detail["loc"])))
    keys, known = _walk(model, first["loc"])
    name = _cut(".".join(keys))
    message = str(first["msg"]).removeprefix("Value error, ")
    match first["type"]:
        case "extra_forbidden":
            key = str(first["loc"][-1])
            return ConfigError(f"{place}: unknown key {_cut('.'.join([*keys, key]))!r}", _cut(nearest(key, known)))
        case "missing":
            return ConfigError(f"{place}: {name!r} is missing")
        case "enum":
            known = re.findall(r"'([^']*)'", first["ctx"]["expected"])
            return ConfigError(f"{place}: {name!r} is {_shown(first['input'])}", nearest(str(first["input"]), known))
        case "value_error":
            return ConfigError(f"{place}: {short(message)}")
    return ConfigError(f"{place}: {name!r} is {_shown(first['input'])}: {message[0].lower()}{message[1:]}")


def _cut(words: str) -> str:
    return words if len(words) <= _MOST_LETTERS else f"{words[:_MOST_LETTERS]}..."


def _shown(value: object) -> str:
    """A value as Python writes it, cut short: YAML's anchors make lists of lists that no memory holds as text."""
    cut = reprlib.Repr()
    cut.maxlevel = 2
    return short(cut.repr(value))


def _walk(model: type[BaseModel], location: tuple[int | str, ...]) -> tuple[list[str], list[str]]:
    """The keys that a user wrote on the way to a place, and the keys that are known there.

    Between them pydantic names which of several allowed forms it tried.
    """
    kinds: list[Any] = [model]
    keys = []
    for part in location:
        if len(kinds) > 1 and (form := _FORM.match(str(part))):
            kinds = [kind for kind in kinds if getattr(get_origin(kind), "__name__", None) == form[1]] or kinds
        elif inside := [form for kind in kinds for form in _inside(kind, part)]:
            keys.append(str(part))
            kinds = inside
        else:
            kinds = [kind for kind in kinds if _is_named(kind, part)] or kinds
    return keys, [field for kind in kinds if _is_model(kind) for field in kind.model_fields]


def _inside(kind: Any, part: int | str) -> Iterator[Any]:
    if _is_model(kind):
        if part in kind.model_fields:
            yield from _forms(kind.model_fields[part].annotation)
    elif get_origin(kind) is dict or (get_origin(kind) is list and isinstance(part, int)):
        yield from _forms(get_args(kind)[-1])


def _forms(annotation: Any) -> Iterator[Any]:
    if get_origin(annotation) is Annotated:
        yield from _forms(get_args(annotation)[0])
    elif get_origin(annotation) in (Union, UnionType):
        for form in get_args(annotation):
            yield from _forms(form)
    else:
        yield annotation


def _is_named(kind: Any, part: int | str) -> bool:
    """Whether pydantic calls a model so: by its class, or by the value of the field that tells forms apart."""
    if not _is_model(kind):
        return False
    tags = [
        get_args(field.annotation) for field in kind.model_fields.values() if get_origin(field.annotation) is Literal
    ]
    return part == kind.__name__ or (part,) in tags


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
