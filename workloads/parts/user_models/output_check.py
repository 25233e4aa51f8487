"""Holds the outputs of a user's model against another run of the same model, and says what a difference means."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from workloads.harness.contract import compare, worst
from workloads.parts.user_models.making_up import Inputs
from workloads.parts.user_models.model import Model
from workloads.parts.user_models.words import ModelError
from workloads.vocabulary.record import Check

# Graph and eager runs round differently. Layers in reduced precision, whose errors add up, stay below this; what is
# wrong, such as a stale weight or another activation, does not.
_TOLERANCE = 2e-2


@dataclass
class OutputCheck:
    """Called with an output; the reference is made at the first check."""

    model: Model
    inputs: Inputs
    equal: bool  # false: outputs need only be finite
    reference: list[Any] = field(default_factory=list)
    what: str = ""

    def __call__(self, output: Any) -> Check:
        """Whether the output is finite and, where calls are alike, the reference's. Raises ModelError for none."""
        got = _arrays(output)
        if not got:
            raise ModelError("the model gives no tensor; what it computes would be pruned")
        if not self.equal:
            finite = all(_compare(array, array, "").passed for array in got)
            what = f"itself on {self.inputs.told}: {'it is finite' if finite else f'not finite{self._advice()}'}"
            return worst(*(_compare(array, array, what) for array in got))
        first = not self.reference
        if first:
            self.reference, self.what = self._run(got)
        check = self._held(got, self.reference)
        if check.passed or not first:
            return check
        self.what += self._excuse()
        return self._held(got, self.reference)

    def _held(self, got: list[Any], reference: list[Any]) -> Check:
        if len(got) != len(reference):
            return Check(passed=False, error=None, tolerance=_TOLERANCE, reference=self.what)
        return worst(*(_compare(array, other, self.what) for array, other in zip(got, reference, strict=True)))

    def _run(self, first: list[Any]) -> tuple[list[Any], str]:
        import tensorflow as tf

        tf.config.run_functions_eagerly(True)
        try:
            return _arrays(self.model.call(*self.inputs.values)), f"{self.model.direct} on {self.inputs.told}"
        except Exception as error:
            raised = f"{self.model.direct} raised {type(error).__name__}"
            return first, f"its own first output ({raised}) on {self.inputs.told}"
        finally:
            tf.config.run_functions_eagerly(False)

    def _advice(self) -> str:
        return "; give the workload `inputs`" if self.inputs.made_up else ""

    def _excuse(self) -> str:
        """What the reference says about the model itself: it is no better, or it differs from call to call."""
        if not all(_compare(array, array, "").passed for array in self.reference):
            return f", which is not finite either{self._advice()}"
        again, _ = self._run(self.reference)
        if not self._held(again, self.reference).passed:
            return ", which differs from call to call as well: `params: {check: finite}` is for such a model"
        return ""


def _arrays(output: Any) -> list[Any]:
    """All tensors, arrays and numbers of an output of any structure, ragged and sparse ones by their parts."""
    import tensorflow as tf

    leaves = tf.nest.flatten(output, expand_composites=True)
    tensors = [leaf.numpy() if tf.is_tensor(leaf) else leaf for leaf in leaves]
    return [np.asarray(leaf) for leaf in tensors if isinstance(leaf, np.ndarray | np.generic | float | int | bytes)]


def _compare(got: Any, wanted: Any, what: str) -> Check:
    if got.dtype.kind in "OS":  # strings
        same = np.array_equal(got, wanted)
        return Check(passed=same, error=float(not same), tolerance=_TOLERANCE, reference=what)
    if np.iscomplexobj(got):
        got, wanted = np.stack([got.real, got.imag]), np.stack([wanted.real, wanted.imag])
    return compare(got, wanted, _TOLERANCE, what)
