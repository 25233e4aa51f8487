"""The kinds of tests: each is a module of its own, and the file of claims knows every one."""

import importlib
import pkgutil
from typing import get_args

import pytest

from analysis.claims import kinds
from analysis.claims.config import Test as AnyTest
from analysis.claims.kinds.hypothesis import Hypothesis
from analysis.claims.kinds.p_values import directed, equivalent
from analysis.statistics.log_mean import LogMean


def test_the_file_of_claims_knows_every_kind() -> None:
    for module in pkgutil.iter_modules(kinds.__path__):
        importlib.import_module(f"{kinds.__name__}.{module.name}")
    known = get_args(get_args(AnyTest)[0])
    assert set(Hypothesis.__subclasses__()) == set(known)
    assert len({kind.model_fields["test"].annotation for kind in known}) == len(known)


@pytest.mark.parametrize("mean", [-0.2, -0.01, 0.0, 0.01, 0.2])
def test_different_is_the_contrary_of_equivalent(mean: float) -> None:
    measured = LogMean(mean, 0.01, 9)
    same, different = equivalent(measured, 0.02), directed(measured, "different", 0.02)
    assert (different.p_for, different.p_against) == (same.p_against, same.p_for)
    assert (different.p_for < 0.05) == (abs(mean) == 0.2)
