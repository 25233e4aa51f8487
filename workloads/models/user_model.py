"""The user's own model, as it stands in the folder that the launch mounts; without one, `example_model.py`.

Inputs: those of the file of inputs, else those that a Python file brings, else made up from what the model declares.
Work: `batch` examples, one run of the model: in inference, or, with `call: train`, one training step. One sample is one
call (latency) where `batch` is 1.
Check: every output is finite and the same as in another run of the same model on the same inputs, in the Euclidean
norm, for the first call and for the last. The other run of a Keras model or a Python function is eager, operation by
operation. A SavedModel has no such form: its loaded function, called by itself and not inside the timed graph, stands
for it. Where that other run raises, the first call's own output takes its place, and the check sees only what changes
from call to call. The check's reference says which it was, and on which inputs. With `check: finite` calls may differ:
dropout. A training step's losses need only be finite.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from workloads.harness.contract import Parameters, Workload, choice, text, whole
from workloads.parts.graphs import metric_of_batch
from workloads.parts.user_models.calls import WAYS, explained, way_of
from workloads.parts.user_models.inputs import inputs_of
from workloads.parts.user_models.loading import load
from workloads.parts.user_models.model import Wanted
from workloads.parts.user_models.output_check import OutputCheck
from workloads.parts.user_models.words import ModelError
from workloads.vocabulary.model_facts import ModelFacts
from workloads.vocabulary.mounted import COMPLETE, INPUTS, MODELS, MOUNTED
from workloads.vocabulary.record import Work

EXAMPLE = Path(__file__).parents[1] / "parts/example_model.py"


@dataclass(frozen=True)
class Params(Parameters):
    """Sizes and form."""

    batch: int = whole(1, 1, 4096)  # examples a call; a Python file gets it as its argument
    length: int = whole(128, 1, 8192)  # of every other dimension that the model leaves open: a sequence, an image
    call: str = choice(*WAYS)  # function: traced; call: as it is; the others: Keras's methods, train: its training step
    signature: str = text("")  # of a SavedModel its name; of a frozen graph `input -> output`; empty: the whole
    jit_compile: bool = choice(False, True)  # by XLA; of functions and training steps
    allow_lambda: bool = choice(False, True)  # Python code inside a Keras file (a Lambda layer) may run
    check: str = choice("equal", "finite")  # finite: for a model whose calls differ


def build(params: Params, rng: np.random.Generator) -> Workload:
    """Raises ModelError if the model does not load, does not say what it takes, or its inputs do not fit."""

    path, inputs_file = _files()
    trained = params.call == "train"
    wanted = Wanted(params.batch, params.signature, params.allow_lambda, trained, fed=inputs_file is not None)
    model = load(path, wanted, seed=int(rng.integers(2**32)))
    inputs = inputs_of(model, inputs_file, params.batch, params.length, rng)
    way = way_of(params.call, model, inputs, params.batch, params.jit_compile, rng)
    output_check = OutputCheck(model, inputs, params.check == "equal" and not way.differs)
    print(f"user_model: running {path.name} on {inputs.told}", file=sys.stderr, flush=True)

    return Workload(
        call=explained(way, params.call, inputs),
        work=Work(float(params.batch), "example"),
        check_first=output_check,
        check_last=output_check,
        traced=way.traced,
        model=ModelFacts(model.form, model.parameters, inputs.told),
        metric=metric_of_batch(params.batch),
    )


def _files() -> tuple[Path, Path | None]:
    """The model and its inputs; raises ModelError where the folder was not filled to the end."""
    if not MOUNTED.exists():
        return EXAMPLE, None
    models = [MOUNTED / name for name in MODELS if (MOUNTED / name).exists()]
    if not (MOUNTED / COMPLETE).exists() or len(models) != 1:
        raise ModelError(f"{MOUNTED} holds no complete model, though the launch mounts one; start the round again")
    inputs = [MOUNTED / name for name in INPUTS if (MOUNTED / name).exists()]
    code = models[0] / "model.py"
    is_code = code.exists() and not any((models[0] / name).exists() for name in ("saved_model.pb", "saved_model.pbtxt"))
    return code if is_code else models[0], inputs[0] if inputs else None
