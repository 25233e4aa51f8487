"""How small a difference is too small to matter."""

# Ratios from 1 / (1 + MARGIN) to 1 + MARGIN make no difference that matters. Two identical settings came out 1.1 %
# apart after 15 rounds (docs/method.md#noise-of-a-shared-machine).
MARGIN = 0.02
