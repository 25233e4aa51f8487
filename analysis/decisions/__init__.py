"""How many rounds come next while a run goes on: until intervals are narrow, or as a search.

Rules only; containers.rounds measures the rounds.
"""
