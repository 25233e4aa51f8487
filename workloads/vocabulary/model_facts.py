"""What a user's model was found to be, as its record tells. Standard library only."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ModelFacts:
    """What a user's model was found to be, in words for people."""

    form: str  # "a Keras 3 model"
    parameters: int | None  # numbers in its variables; None where it does not show them
    inputs: str  # what it was called on, and where that came from
