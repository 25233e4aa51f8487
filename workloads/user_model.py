"""The user's own model, as it stands in the folder that the launch mounts; without one, `example_model.py`.

Inputs: those of the .npz file, else those that a Python file brings, else made up from what the model declares.
Work: `batch` examples, one run of the model in inference. One sample is one call (latency) where `batch` is 1.
Check: every output is finite and the same as in another run of the same model on the same inputs, in the Euclidean
norm, for the first call and for the last. The other run of a Keras model or a Python function is eager, operation by
operation. A SavedModel has no such form: its loaded function, called by itself and not inside the timed graph, stands
for it. Where that other run raises, the first call's own output takes its place, and the check sees only what changes
from call to call. The check's reference says which it was. With `check: finite` calls may differ: a training step,
dropout.
"""

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from workloads.harness.contract import Parameters, Workload, choice, compare, whole, worst
from workloads.parts.graphs import compiled, metric_of_batch
from workloads.parts.model_inputs import ModelError, make_up, read
from workloads.parts.model_loading import Model, load, step
from workloads.vocabulary.mounted import COMPLETE, MOUNTED
from workloads.vocabulary.record import Check, Work

EXAMPLE = Path(__file__).parent / "parts/example_model.py"

# Graph and eager runs round differently. Layers in reduced precision, whose errors add up, stay below this; what is
# wrong, such as a stale weight or another activation, does not.
_TOLERANCE = 2e-2


@dataclass(frozen=True)
class Params(Parameters):
    """Sizes and form."""

    batch: int = whole(1, 1, 4096)  # examples a call; a Python file gets it as its argument
    length: int = whole(128, 1, 8192)  # of every other dimension that the model leaves open: a sequence, an image
    jit_compile: bool = choice(False, True)  # by XLA
    check: str = choice("equal", "finite")  # finite: for a model whose calls differ


def build(params: Params, rng: np.random.Generator) -> Workload:
    """Raises ModelError if the model does not load, does not say what it takes, or its inputs do not fit."""

    path, inputs_file = _files()
    model = load(path, params.batch, seed=int(rng.integers(2**32)))
    inputs = _tensors(_inputs(model, inputs_file, params, rng), model)
    timed = compiled(model.call, params.jit_compile)
    output_check = _OutputCheck(model, inputs, params.check == "equal")
    print(f"user_model: running {path.name}", file=sys.stderr, flush=True)

    return Workload(
        call=lambda: timed(*inputs),
        work=Work(float(params.batch), "example"),
        check_first=output_check,
        check_last=output_check,
        traced=timed,
        metric=metric_of_batch(params.batch),
    )


def _files() -> tuple[Path, Path | None]:
    """The model and its inputs; raises ModelError where the folder was not filled to the end."""
    if not MOUNTED.exists():
        return EXAMPLE, None
    found = [MOUNTED / name for name in ("model", "model.keras", "model.py") if (MOUNTED / name).exists()]
    if not (MOUNTED / COMPLETE).exists() or len(found) != 1:
        raise ModelError(f"{MOUNTED} holds no complete model, though the launch mounts one; start the round again")
    inputs = MOUNTED / "inputs.npz"
    return found[0], inputs if inputs.exists() else None


def _inputs(model: Model, file: Path | None, params: Params, rng: np.random.Generator) -> list[Any]:
    if file is not None:
        with step("reading the inputs"):
            return read(file, model.declared, params.batch)
    if model.given is not None:
        return model.given
    if model.declared is None:
        raise ModelError(
            "the model does not say which inputs it takes; give the workload `inputs`, an .npz file, "
            "or let build_model return (callable, inputs)"
        )
    return make_up(model.declared, params.batch, params.length, rng)


def _tensors(arrays: list[Any], model: Model) -> list[Any]:
    import tensorflow as tf

    tensors = [tf.convert_to_tensor(array) for array in arrays]
    types = [tensor.dtype for tensor in tensors] if model.declared is None else [one.dtype for one in model.declared]
    return [
        tensor if tensor.dtype == kind else tf.cast(tensor, kind) for tensor, kind in zip(tensors, types, strict=True)
    ]


@dataclass
class _OutputCheck:
    """Holds outputs against another run of the same model, made at the first check."""

    model: Model
    inputs: list[Any]
    equal: bool  # false: outputs need only be finite
    reference: list[Any] = field(default_factory=list)
    what: str = ""

    def __call__(self, output: Any) -> Check:
        got = _arrays(output)
        if not got:
            raise ModelError("the model gives no tensor; what it computes would be pruned")
        if not self.equal:
            return worst(*(_compare(one, one, "itself: it is finite") for one in got))
        if not self.reference:
            self.reference, self.what = self._run(got)
        if len(got) != len(self.reference):
            return Check(passed=False, error=None, tolerance=_TOLERANCE, reference=self.what)
        return worst(*(_compare(one, other, self.what) for one, other in zip(got, self.reference, strict=True)))

    def _run(self, first: list[Any]) -> tuple[list[Any], str]:
        import tensorflow as tf

        tf.config.run_functions_eagerly(True)
        try:
            return _arrays(self.model.call(*self.inputs)), self.model.direct
        except Exception as error:
            return first, f"its own first output ({self.model.direct} raised {type(error).__name__})"
        finally:
            tf.config.run_functions_eagerly(False)


def _arrays(output: Any) -> list[Any]:
    """All tensors of an output of any structure, ragged and sparse ones by their parts."""
    import tensorflow as tf

    leaves = tf.nest.flatten(output, expand_composites=True)
    return [leaf.numpy() for leaf in leaves if tf.is_tensor(leaf)]


def _compare(got: Any, wanted: Any, what: str) -> Check:
    got, wanted = np.asarray(got), np.asarray(wanted)
    if got.dtype == object:  # strings
        same = np.array_equal(got, wanted)
        return Check(passed=same, error=float(not same), tolerance=_TOLERANCE, reference=what)
    if np.iscomplexobj(got):
        got, wanted = np.stack([got.real, got.imag]), np.stack([wanted.real, wanted.imag])
    return compare(got, wanted, _TOLERANCE, what)
