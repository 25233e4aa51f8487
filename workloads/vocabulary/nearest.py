"""The known name that is most like a misspelled one. Standard library only."""

import difflib
from collections.abc import Collection


def nearest(name: str, known: Collection[str]) -> str:
    """The known name that is most like `name`, as the remedy of an error; all known names if none is like it."""
    # Compared in lower case: OMP_NUM_THREAD and omp_num_threads mean the same knob.
    lower = {candidate.lower(): candidate for candidate in known}
    match = difflib.get_close_matches(name.lower(), list(lower), n=1, cutoff=0.5)
    return f"did you mean {lower[match[0]]!r}?" if match else f"known are {', '.join(sorted(known))}"
