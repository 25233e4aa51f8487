"""The container engine: find one, run a container that goes when its block ends, see what the engine enforces."""
