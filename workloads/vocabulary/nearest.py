"""The known name that is most like a misspelled one. Standard library only."""

import difflib
from collections.abc import Collection

_MOST_LETTERS = 150  # of known names; a sentence with more is not read


def nearest(name: str, known: Collection[str]) -> str:
    """The known name that is most like `name`, as the remedy of an error; known names if none is like it."""
    # Compared in lower case: OMP_NUM_THREAD and omp_num_threads mean the same knob.
    lower = {candidate.lower(): candidate for candidate in known}
    match = difflib.get_close_matches(name.lower(), list(lower), n=1, cutoff=0.5)
    return f"did you mean {lower[match[0]]!r}?" if match else f"known are {_listed(sorted(known))}"


def _listed(names: list[str]) -> str:
    """As many of the names as people read, and how many more there are."""
    shown = names[:1]
    for name in names[1:]:
        if len(", ".join([*shown, name])) > _MOST_LETTERS:
            return f"{', '.join(shown)} and {len(names) - len(shown)} more"
        shown.append(name)
    return ", ".join(shown)
