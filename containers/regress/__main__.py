"""Compares an image with an older one on workloads of several kinds, in turns, and ends with status 1 if it is slower.

python -m containers.regress "tensorflow-cpu==2.20.0"
python -m containers.regress "registry/mine@sha256:..." --image "registry/mine@sha256:..." --minutes 10

An image is packages by pip's words, separated by spaces; or a file of packages with their hashes, NAME.lock; or
NAME@sha256:DIGEST; or the id of one that is built here; or one of the suite's, by name.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from containers.host.machine import this_host
from containers.images.declaration import declarations
from containers.plan.config import validate
from containers.workflow.whole_run import run_module, run_whole
from workloads.vocabulary.command_line import parser_of
from workloads.vocabulary.documents import write_text
from workloads.vocabulary.errors import command
from workloads.vocabulary.record import identity

OLDER, NEWER, SWEEP = "older", "newer", "regress"

# A product, a convolution, many small operations, an input pipeline, training, and two models.
WORKLOADS = ("matmul", "conv", "eager_ops", "input_pipeline", "mlp_training", "mobilenet", "resnet50")

_REFERENCE = re.compile(r"(\S+@)?sha256:[0-9a-f]{64}")
_AT_LEAST, _AT_MOST, _UNTIL = 4, 16, 0.01


def config_of(older: str, newer: str, minutes: float, out: Path) -> dict[str, Any]:
    """The config that compares two images, each as the command line names it."""
    suite = {image.name for image in declarations()}
    images = {name: _image(words) for name, words in ((OLDER, older), (NEWER, newer)) if words not in suite}
    values = [older if older in suite else OLDER, newer if newer in suite else NEWER]
    return {
        "rounds": {"until": _UNTIL, "at_least": _AT_LEAST, "at_most": _AT_MOST, "budget_minutes": minutes},
        "timing": {"warmup_s": 0.2, "slice_s": 0.1, "cycles": 8},
        "audit": "config",
        "peaks": False,
        "results": str(out),
        **({"images": images} if images else {}),
        # Its default depends on the CPU and on the version.
        "fixed": {"TF_ENABLE_ONEDNN_OPTS": 1},
        "workloads": {name: {} for name in WORKLOADS},
        "sweeps": {
            SWEEP: {
                "question": f"Is {newer} slower than {older}?",
                "workloads": list(WORKLOADS),
                "settings": [{"image": value} for value in values],
                "baseline": {"image": values[0]},
            }
        },
    }


def _image(words: str) -> dict[str, Any]:
    if words.endswith(".lock"):
        return {"lock": words}
    return {"image": words} if _REFERENCE.fullmatch(words) else {"requirements": words.split()}


def regress(older: str, newer: str, minutes: float, out: Path) -> int:
    """Measure both, print what is slower, and give the exit status. Raises ThreadmarkError."""
    folder = out / identity([older, newer])
    content = config_of(older, newer, minutes, folder)
    validate(content)
    config = folder / "config.yaml"
    write_text(config, yaml.safe_dump(content, sort_keys=False))
    machine = folder / this_host().slug
    run_whole(config, machine)
    return run_module("analysis.comparisons.regression", "--results", str(machine), "--sweep", SWEEP)


def main(argv: list[str] | None = None) -> int:
    """Command line: see the module's docstring."""
    parser = parser_of(main)
    parser.add_argument("against", help="the older image")
    parser.add_argument("--image", default=next(image.name for image in declarations()), help="the newer one")
    parser.add_argument("--minutes", type=float, default=15.0, help="of measuring, once the images stand")
    parser.add_argument("--out", type=Path, default=Path("results/regress"), help="where the comparisons' folders go")
    asked = parser.parse_args(argv)
    status = 0

    def compare() -> None:
        nonlocal status
        status = regress(asked.against, asked.image, asked.minutes, asked.out)

    return command(compare) or status


if __name__ == "__main__":
    raise SystemExit(main())
