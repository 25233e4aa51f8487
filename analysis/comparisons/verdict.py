"""The verdict on a setting held against another, and the one rule that gives it."""

from enum import StrEnum

from analysis.statistics.log_mean import ALPHA


class Verdict(StrEnum):
    """What a comparison comes to, or why it comes to nothing."""

    FASTER = "faster"
    SLOWER = "slower"
    LESS = "less"
    MORE = "more"
    EQUIVALENT = "equivalent"
    UNRESOLVED = "no difference resolved"
    ONE_ROUND = "not resolved: one round only"
    NO_VARIANCE = "not resolved: no variance"
    TIMED_OUT = "not resolved: launches took longer than the time limit"
    NO_BASELINE = "no baseline"
    TWO_IMAGES = "not compared: two images"
    TWO_UNITS = "not compared: two units"
    NO_LAUNCH = "not compared: not measured yet"
    ALL_FAILED = "not compared: every launch failed"
    ALL_SET_ASIDE = "not compared: every launch set aside"
    NO_PAIR = "not compared: no round with both"
    TOO_FEW_CALLS = "not compared: too few calls for this percentile"

    @property
    def is_better(self) -> bool:
        """Whether the setting is better than its baseline: faster, or less of what it uses."""
        return self in (Verdict.FASTER, Verdict.LESS)

    @property
    def is_worse(self) -> bool:
        """Whether the setting is worse than its baseline."""
        return self in (Verdict.SLOWER, Verdict.MORE)

    @property
    def is_difference(self) -> bool:
        """Whether the two were told apart."""
        return self.is_better or self.is_worse

    @property
    def is_decided(self) -> bool:
        """Whether the two were told apart, or shown to be equivalent."""
        return self.is_difference or self is Verdict.EQUIVALENT

    @property
    def is_tested(self) -> bool:
        """Whether a test was made, whatever came of it."""
        return self.is_decided or self is Verdict.UNRESOLVED

    @property
    def why(self) -> str:
        """Of one that was not tested: why."""
        return self.value.removeprefix("not compared: ").removeprefix("not resolved: ")


def bounded(verdict: Verdict, *, timed_out: bool, baseline_timed_out: bool) -> Verdict:
    """The verdict where launches of the setting, or of its baseline, took longer than the time limit.

    Those were slow, and how slow is not known: a mean of the others says how fast it is at most. So what may have been
    slower is called neither faster nor equivalent.
    """
    if timed_out and (verdict.is_better or verdict is Verdict.EQUIVALENT):
        return Verdict.TIMED_OUT
    if baseline_timed_out and (verdict.is_worse or verdict is Verdict.EQUIVALENT):
        return Verdict.TIMED_OUT
    return verdict


def verdict_of(
    ratio: float,
    p_adjusted: float,
    p_equivalence: float | None,
    better: Verdict = Verdict.FASTER,
    worse: Verdict = Verdict.SLOWER,
) -> Verdict:
    """The verdict by the adjusted p of the test of difference, else by the unadjusted one of equivalence.

    A difference that is resolved stays one, however small. `ratio` > 1: better.
    """
    if p_adjusted < ALPHA:
        return better if ratio > 1 else worse
    return Verdict.EQUIVALENT if p_equivalence is not None and p_equivalence < ALPHA else Verdict.UNRESOLVED
