"""Is a fact of the audit as the claim says? Decided without chance."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field, StrictBool

from analysis.claims.evidence import fact
from analysis.claims.kinds.hypothesis import Hypothesis, Outcome, Reference
from analysis.comparisons.pairs import Evidence, NotTestableError


class AuditTest(Hypothesis):
    """Do the probes of an image show a fact?"""

    test: Literal["audit"]
    fact: str
    image: str | None = Field(None, description="the plan's default image if not given")
    holds: StrictBool = Field(True, description="what the claim says of the fact")

    def references(self) -> Iterator[Reference]:
        """Nothing: an audit belongs to no sweep."""
        yield from ()

    def run(self, evidence: Evidence) -> Outcome:
        """Look the fact up."""
        image = self.image or evidence.plan.default_image
        seen = fact(evidence, image, self.fact)
        if seen.holds is None:
            raise NotTestableError(f"the audit could not decide {self.fact} ({seen.evidence})")
        words = f"{seen.statement.rstrip('.')}: {'yes' if seen.holds else 'no'} ({seen.evidence.rstrip('.')})"
        places = (f"audit of image {image}: {self.fact}",)
        return Outcome(p_for=None, p_against=None, words=words, places=places, holds=seen.holds == self.holds)
