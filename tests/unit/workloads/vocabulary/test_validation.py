"""A mistake in what a user wrote gets one sentence with its place, whatever forms a value may have."""

from __future__ import annotations

from typing import Annotated, Literal

import pytest
from pydantic import Field

from workloads.vocabulary.errors import ConfigError
from workloads.vocabulary.validation import Strict, validated


class Circle(Strict):
    """A form that its field `form` tells from others."""

    form: Literal["circle"]
    radius: float


class Square(Strict):
    """Another one."""

    form: Literal["square"]
    edge: float


class Paper(Strict):
    """A model with everything that can lie between a key and its model."""

    title: str
    shapes: list[Annotated[Circle | Square, Field(discriminator="form")]] = Field(default_factory=list)
    named: dict[str, Circle] = Field(default_factory=dict)
    frame: Square | Literal[False] | None = None


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ({"titel": "x"}, "paper: unknown key 'titel'; did you mean 'title'?"),
        ({}, "paper: 'title' is missing"),
        ({"title": 1}, "paper: 'title' is 1: input should be a valid string"),
        (
            {"title": "x", "shapes": [{"form": "square", "egde": 1}]},
            "paper: unknown key 'shapes.0.egde'; did you mean 'edge'?",
        ),
        ({"title": "x", "shapes": [{"form": "circle", "edge": 1}]}, "paper: unknown key 'shapes.0.edge'; known are"),
        ({"title": "x", "shapes": [{"form": "circle"}]}, "paper: 'shapes.0.radius' is missing"),
        ({"title": "x", "named": {"sun": {"form": "circle"}}}, "paper: 'named.sun.radius' is missing"),
        (
            {"title": "x", "frame": {"form": "square", "Edges": 1}},
            "paper: unknown key 'frame.Edges'; did you mean 'edge'?",
        ),
        ({"title": "x", "frame": {"form": "square", "edge": "wide"}}, "paper: 'frame.edge' is 'wide': input should"),
    ],
)
def test_a_mistake_is_named_with_the_place_that_the_user_wrote(content: dict[str, object], says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        validated(Paper, content, "paper")
    assert str(caught.value).startswith(says)


def test_a_known_key_of_another_form_is_not_offered() -> None:
    with pytest.raises(ConfigError) as caught:
        validated(Paper, {"title": "x", "shapes": [{"form": "circle", "edge": 1}]}, "paper")
    assert caught.value.remedy == "known are form, radius"
