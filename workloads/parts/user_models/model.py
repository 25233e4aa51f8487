"""What a user's model is once it is loaded: something to call, and what it says of its inputs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from workloads.parts.user_models.words import ModelError


@dataclass(frozen=True)
class Input:
    """One input as a model declares it; TensorFlow's types are known by their names."""

    name: str
    shape: tuple[int | None, ...] | None  # None: an open dimension, or an open rank
    dtype: str  # by TensorFlow's name: float32, int64, bool, string
    ragged: bool = False  # rows, along the second dimension, of different lengths

    def sized(self, batch: int) -> str:
        """Type and shape for a batch, as people read them: ``float32 (8, ?)``."""
        return f"{self.dtype} {shown(self.shape and (self.shape[0] or batch, *self.shape[1:]))}"

    def __str__(self) -> str:
        return f"{self.name} {self.dtype} {shown(self.shape)}"


def shown(shape: Sequence[int | None] | None) -> str:
    """A shape as people read it: ``(8, ?)``."""
    return "(any)" if shape is None else f"({', '.join('?' if size is None else str(size) for size in shape)})"


@dataclass(frozen=True)
class Wanted:
    """What a config says of how a model is to be loaded."""

    batch: int  # a Python file gets it as its argument
    signature: str = ""  # of a SavedModel, empty: the one that serves; of a frozen graph: `inputs -> outputs`
    allow_lambda: bool = False  # Python code inside a Keras file may run
    trained: bool = False  # its loss and optimizer are needed
    fed: bool = False  # a file with inputs was given


@dataclass(frozen=True)
class Model:
    """A model that can be called."""

    call: Callable[..., Any]  # takes the inputs one by one, in the order of `declared`
    declared: list[Input] | None  # None: it does not say
    given: list[Any] | None  # the inputs that a Python file brings
    direct: str  # what a call outside the timed graph is
    form: str  # what it is, in words: "a Keras 3 model"
    owner: Any  # kept, because a SavedModel's variables live as long as the object that was loaded
    keras: Any | None = None  # where it is a Keras model: the model
    packed: Callable[[Sequence[Any]], Any] | None = None  # where it is: inputs one by one -> its one argument
    variables: Sequence[Any] | None = None  # None: it does not show them

    @property
    def parameters(self) -> int | None:
        """Numbers in its variables; None where it does not show them, or where some have no size yet."""
        if self.variables is None:
            return None
        sizes = [variable.shape.num_elements() for variable in self.variables]
        return None if None in sizes else sum(sizes)


def structured(function: Any, structure: Any, direct: str, form: str, owner: Any) -> Model:
    """A function whose inputs are the TypeSpecs of a structure of (args, kwargs); other leaves go in as they are."""
    import tensorflow as tf

    leaves = tf.nest.flatten(structure)
    places = [place for place, leaf in enumerate(leaves) if isinstance(leaf, tf.TypeSpec)]
    args, kwargs = structure
    # tf.nest takes a dictionary's entries in the order of their sorted keys.
    keyed = not args and len(kwargs) == len(places)
    names = sorted(kwargs) if keyed else [getattr(leaves[place], "name", None) for place in places]

    def call(*inputs: Any) -> Any:
        filled = list(leaves)
        for place, value in zip(places, inputs, strict=True):
            filled[place] = value
        args, kwargs = tf.nest.pack_sequence_as(structure, filled)
        return function(*args, **kwargs)

    declared = [
        declared_by(leaves[place], name, order) for order, (place, name) in enumerate(zip(places, names, strict=True))
    ]
    return Model(call, declared, None, direct, form, owner, variables=getattr(function, "variables", None))


def declared_by(spec: Any, name: str | None, order: int) -> Input:
    """The input that a TypeSpec describes. Raises ModelError for what is neither dense nor simply ragged."""
    import tensorflow as tf

    name = name or f"input_{order}"
    ragged = isinstance(spec, tf.RaggedTensorSpec) and spec.ragged_rank == 1
    if not ragged and not isinstance(spec, tf.TensorSpec):
        raise ModelError(f"input {name} is a {type(spec).__name__}; wrap the model in a Python file that makes it")
    return Input(name, None if spec.shape.rank is None else tuple(spec.shape.as_list()), spec.dtype.name, ragged)
