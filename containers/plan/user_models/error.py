"""The error of a path that a user names for a model, or for its inputs."""

from workloads.vocabulary.errors import ConfigError


class ModelFileError(ConfigError):
    """A path that holds no model, or no inputs; one sentence without a place."""
