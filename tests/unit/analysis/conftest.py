"""What these tests do to simulated records would be named; only the tests of that look for it."""

from collections.abc import Iterator

import pytest

from analysis.plausibility import check


@pytest.fixture(autouse=True, scope="module")
def _all_hold_together(request: pytest.FixtureRequest) -> Iterator[None]:
    examine = check.examine
    with pytest.MonkeyPatch.context() as patch:
        if "plausibility" not in request.path.parts:
            patch.setattr(check, "examine", lambda root: check.Plausibility(examine(root).records, []))
        yield
