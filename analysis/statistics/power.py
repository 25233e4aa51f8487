"""The smallest difference that could have been resolved."""

from __future__ import annotations

from scipy.special import nctdtrinc, stdtrit

from analysis.statistics.log_mean import ALPHA, exp

POWER = 0.8


def smallest_resolvable(error: float, freedom: float, family: int) -> float:
    """The smallest true speed-up (a ratio > 1) that is called at least 4 times in 5, given this noise.

    `error` is the standard error of the mean log-ratio, with so many degrees of freedom; `family` the number of
    comparisons adjusted together. Reckoned at Holm's first and strictest step, alpha / family, so that it holds
    whatever the other comparisons show. The noncentral t distribution gives the shift, in standard errors, at which the
    test's power is 80 %.
    """
    critical = -stdtrit(freedom, ALPHA / family / 2)
    shift = float(nctdtrinc(freedom, 1 - POWER, critical))
    return exp(shift * error)
