"""The config: what a user may write, and the sentence that a mistake gets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    ByteSize,
    Field,
    StrictBool,
    StrictInt,
    StrictStr,
    StringConstraints,
    model_validator,
)

from containers.images.of_config import OwnImageConfig
from workloads.vocabulary.errors import ConfigError
from workloads.vocabulary.metrics import MetricName
from workloads.vocabulary.validation import Strict, read_yaml, validated

# What no honest config comes near to: a number beyond it is a mistake.
MOST_ROUNDS = 10_000
MOST_CYCLES = 10_000
MOST_LAUNCHES = 100_000  # of a plan, unless its config says that it is large
MOST_SETTINGS = 100_000  # of a sweep's grid
_DAY_S = 86_400.0
_LEAST_MEMORY = 64 * 2**20  # an engine takes 0 for no limit, and refuses a few bytes

Rounds = Annotated[int, Field(gt=0, le=MOST_ROUNDS)]
Seconds = Annotated[float, Field(gt=0, le=_DAY_S, allow_inf_nan=False)]
Minutes = Annotated[float, Field(gt=0, le=60 * 24 * 30, allow_inf_nan=False)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*$")]
Value = StrictBool | StrictInt | StrictStr
ImageName = Annotated[str, StringConstraints(max_length=60, pattern=r"^[a-z][a-z0-9_-]*(\.[0-9]+)*$")]


class TimingConfig(Strict):
    """How each launch spends its time."""

    warmup_s: Seconds = Field(0.3, description="seconds of calls that are kept apart, after the first one")
    slice_s: Seconds = Field(
        0.1, description="seconds of timed calls in each of a launch's turns; one call at least, however long it takes"
    )
    cycles: int = Field(
        24, gt=0, le=MOST_CYCLES, description="turns of every launch in a round, each in a fresh random order"
    )
    min_sample_s: Seconds = Field(0.005, description="short calls are grouped until a sample takes this long")


class LimitsConfig(Strict):
    """What each container may use; one of several instances, as much for each of them."""

    memory: ByteSize = Field(
        ByteSize(4 * 2**30), ge=_LEAST_MEMORY, description="main memory, as 4GiB; no swap beside it"
    )
    pids: int = Field(512, gt=0, le=2**22, description="processes and threads")
    timeout_s: Seconds = Field(
        120.0, description="seconds that a launch may take for itself, waiting for its turns not counted"
    )


class WorkloadConfig(Strict):
    """A computation with fixed parameters."""

    module: str | None = Field(None, description="the module under workloads/; the entry's own name if not given")
    params: dict[str, Any] = Field(default_factory=dict, description="parameters that differ from the defaults")
    model: str | None = Field(
        None,
        description="your own: a SavedModel's folder, a .keras or .h5 file, a Python file, or a folder with model.py;"
        " the module is then user_model",
    )
    inputs: str | None = Field(
        None,
        description="the model's inputs as .npz, .npy or TensorFlow Serving's JSON; made up from its signature if not"
        " given",
    )
    signature: str | None = Field(
        None,
        description="which signature of a SavedModel is run, serving_default if there is one; of a frozen graph its"
        " inputs and outputs, as `x, y -> z`",
    )


class RoundsConfig(Strict):
    """Rounds until intervals are narrow: how narrow, and what may be spent on it."""

    until: float = Field(
        0.01,
        gt=0,
        lt=1,
        allow_inf_nan=False,
        description="half the width of each comparison's 95 % interval; 0.01 is 1 % of the speed",
    )
    at_least: int = Field(3, ge=3, le=MOST_ROUNDS, description="rounds that are measured in any case")
    at_most: int = Field(30, ge=3, le=MOST_ROUNDS, description="rounds after which a workload is left as it is")
    budget_minutes: Minutes | None = Field(
        None,
        description="minutes of measuring, all rounds together, shared out by the number of settings: over the sweep's"
        " workloads, or, of the config's own, over all sweeps that go by it",
    )


class AboutConfig(Strict):
    """What the report says of who measured; nothing is measured differently."""

    tester: str = Field("", max_length=200, description="who ran it: a person, a company")
    notes: str = Field("", max_length=2000, description="what a reader should know of the machine or the run")


class BoundsConfig(Strict):
    """What a setting must hold to be recommended, however fast it is."""

    p99_ms: Annotated[float, Field(gt=0, le=1e7, allow_inf_nan=False)] | None = Field(
        None, description="milliseconds; of a hundred calls, 99 take no longer"
    )
    memory: ByteSize | None = Field(
        None, ge=1, description="peak memory of a launch, all of its instances together, as 2GiB"
    )


class SweepConfig(Strict):
    """A named experiment: workloads x settings, one of which is the baseline."""

    question: str = Field(description="what the sweep asks; the report prints it")
    workloads: list[str] = Field(min_length=1, description="names of entries under `workloads`")
    grid: dict[str, Annotated[list[Value], Field(min_length=1)]] = Field(
        default_factory=dict,
        description="knob: values; every combination is a setting. A knob is one of the catalogue's, a parameter of the"
        " workloads, or env:NAME for any other environment variable",
    )
    settings: list[dict[str, Value]] = Field(default_factory=list, description="further settings, one by one")
    presets: dict[Name, dict[str, Value]] = Field(
        default_factory=dict,
        description="further settings by names, such as that of the guide that recommends one; on a small machine"
        " several may come to the same setting, which is then measured once, and the report says which",
    )
    baseline: dict[str, Value] = Field(description="the setting that all others are compared with")
    fixed: dict[str, Value] = Field(default_factory=dict, description="knobs that all settings of the sweep share")
    metrics: list[MetricName] = Field(
        default_factory=list,
        description="what settings are compared by, the first one deciding; the workload's own, throughput or latency,"
        " if none is named",
    )
    bounds: BoundsConfig = BoundsConfig()
    turns: StrictBool = Field(
        True,
        description="false: launch after launch, each alone on the machine, as launches on a GPU always are",
    )
    rounds: Rounds | RoundsConfig | None = Field(
        None, description="instead of the config's own; of a search, the number that it takes at most"
    )
    strategy: Literal["grid", "search"] = Field(
        "grid", description="grid measures every setting in every round; search drops the slow ones, within `minutes`"
    )
    minutes: Minutes | None = Field(
        None, description="of measuring, for a search; shared out among the sweep's workloads"
    )


class Config(Strict):
    """A run: what is measured, how often, and where."""

    seed: int = Field(20261122, ge=0, description="seeds the rounds' orders and the inputs")
    rounds: Rounds | RoundsConfig = Field(
        description="how often each setting is launched: a number, or until the intervals of each workload are narrow"
    )
    machine: str | None = Field(
        None,
        pattern="^[a-z0-9][a-z0-9-]{0,39}$",
        description="this machine's name, as lab-3, for its folder and its reports; else one that is made from the CPU,"
        " the CPUs to use and the machine's id, which clones of one image share",
    )
    about: AboutConfig = AboutConfig()
    price_per_hour: Annotated[float, Field(gt=0, le=1e6, allow_inf_nan=False)] | None = Field(
        None,
        description="what an hour of this machine costs, in a currency of your own; the report then tells what a"
        " million examples cost",
    )
    timing: TimingConfig = TimingConfig()
    limits: LimitsConfig = LimitsConfig()
    images: (
        Literal["auto"]
        | Annotated[list[ImageName], Field(min_length=1)]
        | Annotated[dict[ImageName, OwnImageConfig], Field(min_length=1)]
    ) = Field(
        "auto",
        description="auto builds what the config can use here: images for GPUs only where the engine can hand out an"
        " NVIDIA GPU; or a list of folders of containers/images; or, by name, images of your own beside these, which"
        " the knob `image` then takes",
    )
    audit: Literal["catalogue", "config"] = Field(
        "catalogue",
        description="which knobs are probed first: all that are known, or those that the config turns",
    )
    peaks: StrictBool = Field(
        True, description="whether the machine's peaks of arithmetic and memory are measured, for the roofline"
    )
    base: Literal["auto", "registry", "bootstrap"] = Field("auto", description="how the images' base is got")
    base_image: str | None = Field(None, description="a registry's image by digest, NAME@sha256:..., with Python 3.11")
    fixed: dict[str, Value] = Field(
        default_factory=dict, description="knobs that every sweep shares unless it varies them"
    )
    workloads: dict[Name, WorkloadConfig] = Field(min_length=1)
    sweeps: dict[Name, SweepConfig] = Field(min_length=1)
    claims: str = Field(
        "config/claims.yaml",
        max_length=200,
        pattern=r"^config/([a-z0-9_-]+/)*[a-z0-9_-]+\.yaml$",
        description="the suite's file of claims that the report judges, of which it tells those that the sweeps serve",
    )
    results: str = Field("results", description="the folder that the results go to")
    large: StrictBool = Field(False, description=f"true: more than {MOST_LAUNCHES:,} launches are meant")

    @property
    def own_images(self) -> dict[str, OwnImageConfig]:
        """The images beside the suite's, by name."""
        return self.images if isinstance(self.images, dict) else {}

    @property
    def own_images_place(self) -> Path:
        """Where their folders lie."""
        return Path(self.results) / "images"

    @property
    def own_image_folders(self) -> list[Path]:
        """The folder of each, with its lock."""
        return [self.own_images_place / name for name in self.own_images]

    @model_validator(mode="after")
    def _fits(self) -> Config:
        """Whether the parts go together."""
        timing, limits = self.timing, self.limits
        planned_s = timing.warmup_s + timing.slice_s * timing.cycles
        if planned_s > limits.timeout_s:
            raise ValueError(
                f"timing: a launch's calls take {planned_s:g} s, more than its limits.timeout_s, {limits.timeout_s:g}"
            )
        return self


def read(path: Path) -> dict[str, Any]:
    """The YAML file's content, unvalidated. Raises ConfigError if it cannot be read as a mapping."""
    return read_yaml(path, "name a config file, as in CONFIG=config/quick.yaml")


def validate(content: Mapping[str, Any]) -> Config:
    """The config, checked key by key. Raises ConfigError with one sentence for the first mistake."""
    config = validated(Config, content, "config")
    existing = next((path for path in (Path(config.results), *Path(config.results).parents) if path.exists()), Path())
    if not existing.is_dir():
        raise ConfigError(f"config: results: {existing} is no folder", "name one, or one that can be made")
    return config


def schema() -> str:
    """The config's JSON Schema, as config/schema.json holds it for editors."""
    return json.dumps(Config.model_json_schema(), indent=2) + "\n"
