"""Lock one of a config's own images anew, by what fits its requirements today.

python -m containers.plan.lock --config my.yaml tf-2.16
"""

from pathlib import Path

from containers.images.of_config import lock_again
from containers.plan.config import read, validate
from workloads.vocabulary.command_line import parser_of
from workloads.vocabulary.errors import command


def lock(config_file: Path, name: str) -> None:
    """Make the lock, and print where it lies. Raises ConfigError, ImageError."""
    config = validate(read(config_file))
    print(lock_again(config.own_images_place, name, config.own_images))


def main(argv: list[str] | None = None) -> int:
    """Command line: see the module's docstring."""
    parser = parser_of(main)
    parser.add_argument("--config", type=Path, required=True, help="the config that describes the image")
    parser.add_argument("image", help="its name there")
    arguments = parser.parse_args(argv)
    return command(lambda: lock(arguments.config, arguments.image))


if __name__ == "__main__":
    raise SystemExit(main())
