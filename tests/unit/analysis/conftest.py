"""Made-up machines are no measurements: their records need not hold together."""

from collections.abc import Iterator

import pytest

from analysis.plausibility import check


@pytest.fixture(autouse=True, scope="module")
def _made_up(request: pytest.FixtureRequest) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        if "plausibility" not in request.path.parts:
            patch.setattr(check, "violations", lambda root: (1, []))
        yield
