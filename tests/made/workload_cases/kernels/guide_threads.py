"""How guide_threads is tested: it is wrong as it stands."""

SMALL = {"n": 64}
GROWTH = ({"n": 256}, {"n": 512})
WRONG: list[str] = []
FAULTY = True
