"""Settings as the config writes them, as text."""

from collections.abc import Mapping

from pydantic import StrictBool, StrictInt, StrictStr

from workloads.vocabulary.record import Setting, written

Written = dict[str, StrictBool | StrictInt | StrictStr]

# Written for all of a setting: the name that a sweep has for it.
_PRESET = "preset"


def filled(setting: Written, knobs: list[str]) -> dict[str, str]:
    """A setting as text, with `default` for each of `knobs` that it does not name, so that two can be held equal."""
    texts = {knob: written(value).replace(" ", "") for knob, value in setting.items()}
    return dict.fromkeys(knobs, "default") | texts


def preset_of(setting: Written) -> str | None:
    """The name of the preset that a written setting stands for; None where it says its knobs."""
    return str(setting[_PRESET]) if set(setting) == {_PRESET} else None


def label(setting: Written) -> str:
    """A written setting as people read it, without what it leaves at its default."""
    if (preset := preset_of(setting)) is not None:
        return preset
    return Setting("", {}, {knob: None if value == "default" else value for knob, value in setting.items()}).label


def written_label(setting: Setting) -> str:
    """A setting as the config writes it, so that it reads the same on every machine."""
    return label(setting.written)


def written_key(setting: Setting) -> frozenset[tuple[str, str]]:
    """Equal for settings that are written alike, in whatever order; see `key_of`."""
    return key_of(filled(setting.written, []))


def key_of(texts: Mapping[str, str]) -> frozenset[tuple[str, str]]:
    """Of a setting as text: a knob that is left to its default is as good as one that the sweep does not turn."""
    return frozenset((knob, text) for knob, text in texts.items() if text != "default")
