"""The machine under the engine."""
