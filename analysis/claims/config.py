"""What config/claims.yaml may hold: claims, each with the evidence and the tests that decide it.

A setting is written as a config writes it (`intra_op: 4*cores`); a knob of the sweep that it does not name is left to
its default. All ratios are of work a second, the named setting's over that of `against`.
"""

from collections import Counter
from collections.abc import Collection
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from analysis.claims.kinds.audit import AuditTest
from analysis.claims.kinds.average import AverageTest
from analysis.claims.kinds.equivalence import EquivalenceTest
from analysis.claims.kinds.interaction import InteractionTest
from analysis.claims.kinds.ordered import OrderedTest
from analysis.claims.kinds.rank_reversal import RankReversalTest
from analysis.claims.kinds.ratio import RatioTest
from analysis.claims.kinds.regret import RegretTest
from workloads.vocabulary.nearest import nearest
from workloads.vocabulary.validation import Strict, read_yaml, validated

# Each kind is a module of its own in analysis/claims/kinds; a new one takes its place here.
Test = Annotated[
    RatioTest
    | AverageTest
    | EquivalenceTest
    | InteractionTest
    | OrderedTest
    | RegretTest
    | RankReversalTest
    | AuditTest,
    Field(discriminator="test"),
]


class Claim(Strict):
    """A sentence that the data can support, refute or leave open."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    sentence: str = Field(min_length=1, description="the claim in our words")
    source: str = Field(min_length=1, description="a key of `sources`")
    holds: Literal["all", "any"] = Field("all", description="whether all tests must support it, or any of them")
    tests: list[Test] = Field(default_factory=list)
    needs: Literal["gpu"] | None = None
    untested: str | None = Field(None, description="why no test of one machine's folder can decide it")
    beside: str | None = Field(None, description="the sweep with which a claim without tests is told")
    refuted_by: str = Field(min_length=1, description="one sentence")
    published: str | None = Field(
        None,
        min_length=1,
        max_length=200,
        description="the source's number, and on what, to stand beside ours",
    )
    figure: str | None = Field(None, description="stem of the figure that shows it: SWEEP-speedup")

    def is_asked(self, sweeps: Collection[str]) -> bool:
        """Whether a config with these sweeps asks it; what an audit decides is asked of every machine."""
        named = {reference.sweep for test in self.tests for reference in test.references()}
        if self.beside is not None:
            named.add(self.beside)
        return not named or not named.isdisjoint(sweeps)

    @model_validator(mode="after")
    def _is_decided_somehow(self) -> Self:
        if bool(self.tests) == (self.untested is not None):
            raise ValueError(f"claim {self.id} takes either `tests` or the reason why it is `untested`")
        return self


class Claims(Strict):
    """The whole file."""

    sources: dict[str, str] = Field(description="key: author or kind, title, year")
    claims: list[Claim] = Field(min_length=1)

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        for name, number in Counter(claim.id for claim in self.claims).items():
            if number > 1:
                raise ValueError(f"there are {number} claims {name!r}; give each an id of its own")
        for claim in self.claims:
            if claim.source not in self.sources:
                raise ValueError(
                    f"claim {claim.id}: unknown source {claim.source!r}; {nearest(claim.source, self.sources)}"
                )
        return self


def read_file(path: Path) -> Claims:
    """The claims of a YAML file, checked key by key. Raises ConfigError with one sentence for the first mistake."""
    return validated(Claims, read_yaml(path, "start from config/claims.yaml"), str(path))
