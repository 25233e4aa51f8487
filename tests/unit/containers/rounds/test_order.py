"""The order of launches and of turns: by chance, and balanced over places."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from containers.rounds.order import balanced

SEEDS, COUNTS = st.text(max_size=8), st.integers(1, 12)


@given(SEEDS, COUNTS, st.integers(0, 5))
def test_over_as_many_turns_as_items_each_item_stands_in_each_place_once(seed: str, items: int, square: int) -> None:
    orders = [balanced(range(items), seed, square * items + row) for row in range(items)]
    for order in orders:
        assert sorted(order) == list(range(items))
    for place in range(items):
        assert sorted(order[place] for order in orders) == list(range(items))


@given(SEEDS, COUNTS, st.integers(0, 40))
def test_places_are_as_balanced_as_the_number_of_turns_allows(seed: str, items: int, turns: int) -> None:
    stood = Counter(
        (item, place) for turn in range(turns) for place, item in enumerate(balanced(range(items), seed, turn))
    )
    times = [stood[item, place] for item in range(items) for place in range(items)]
    assert max(times) - min(times) <= 1


@given(SEEDS, COUNTS, st.integers(0, 40))
def test_the_same_seed_gives_the_same_order(seed: str, items: int, turn: int) -> None:
    assert balanced(range(items), seed, turn) == balanced(range(items), seed, turn)


def test_squares_and_seeds_differ() -> None:
    orders = {tuple(balanced(range(8), seed, turn)) for seed in ("a", "b") for turn in (0, 8, 16)}
    assert len(orders) == 6


def test_nothing_has_an_order_too() -> None:
    assert balanced([], "seed", 3) == []
