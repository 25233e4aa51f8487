"""The config that compares two images, however each is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from containers.plan.config import validate
from containers.regress.__main__ import NEWER, OLDER, WORKLOADS, config_of

DIGEST = "mine@sha256:" + "b" * 64


@pytest.mark.parametrize(
    ("older", "newer", "images", "values"),
    [
        ("tensorflow-cpu==2.20.0", "cpu", {OLDER: {"requirements": ["tensorflow-cpu==2.20.0"]}}, [OLDER, "cpu"]),
        (DIGEST, "sha256:" + "c" * 64, {OLDER: {"image": DIGEST}, NEWER: {"image": "sha256:" + "c" * 64}}, None),
        (
            "tensorflow-cpu==2.15.1 numpy<2",
            "openmp",
            {OLDER: {"requirements": ["tensorflow-cpu==2.15.1", "numpy<2"]}},
            [OLDER, "openmp"],
        ),
        ("openmp", "cpu", {}, ["openmp", "cpu"]),
        ("old/cpu.lock", "cpu", {OLDER: {"lock": "old/cpu.lock"}}, [OLDER, "cpu"]),
    ],
)
def test_an_image_is_packages_a_digest_or_one_of_the_suite_s(
    tmp_path: Path, older: str, newer: str, images: dict[str, object], values: list[str] | None
) -> None:
    content = config_of(older, newer, 10.0, tmp_path)
    assert content.get("images", {}) == images
    sweep = content["sweeps"]["regress"]
    assert [setting["image"] for setting in sweep["settings"]] == (values or [OLDER, NEWER])
    assert sweep["baseline"] == sweep["settings"][0]
    config = validate(content)
    assert list(config.workloads) == list(WORKLOADS)
