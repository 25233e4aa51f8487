"""An image's bill of materials: valid CycloneDX, all packages with their hashes, and the same bytes each time."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.model.bom import Bom
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from containers.images import sbom
from containers.images.wheels import Pin
from workloads.vocabulary import documents
from workloads.vocabulary.inventory import Package, Receipt
from workloads.vocabulary.record import ImageIdentity

EPOCH = 1735689600
PINS = [
    Pin("tensorflow-cpu", "2.21.0", frozenset({"a" * 64, "b" * 64})),
    Pin("zope.interface", "7.0", frozenset({"c" * 64})),
    Pin("numpy", "2.0", frozenset({"d" * 64})),
]
RECEIPT = Receipt(
    image=ImageIdentity("cpu", "e" * 64, "sha256:" + "f" * 64),
    context="0123abcd",
    base="bootstrap: Debian bookworm, rootfs sha256:" + "0" * 64,
    base_content="1" * 64,
    size_bytes=1,
    packages=[
        Package("libc6", "2.36-9+deb12u10", "debian"),
        Package("login", "1:4.13+dfsg1-1", "debian"),
        Package("numpy", "1.9", "python"),  # not the version that is locked
        Package("tensorflow_cpu", "2.21.0", "python"),
        Package("zope_interface", "7.0", "python"),
    ],
    tensorflow={"version": "2.21.0"},
    engine={},
    built_at="2026-11-22T05:00:00+00:00",
    build_s=1.0,
)


def parsed(text: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(text)
    return document


def components(text: str) -> dict[str, dict[str, Any]]:
    return {part["name"]: part for part in parsed(text)["components"]}


def test_the_bill_is_valid_by_the_standards_own_schema_and_can_be_read_back() -> None:
    text = sbom.bill(RECEIPT, PINS, EPOCH)
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    again = Bom.from_json(parsed(text))  # type: ignore[attr-defined]  # added by a decorator
    assert len(again.components) == len(RECEIPT.packages)
    assert again.metadata.component.name == "threadmark/cpu"
    assert again.metadata.component.version == RECEIPT.image.content


def test_every_package_has_its_address_and_the_hashes_that_the_lock_admits_for_its_version() -> None:
    parts = components(sbom.bill(RECEIPT, PINS, EPOCH))
    assert {name: part["purl"] for name, part in parts.items()} == {
        "libc6": "pkg:deb/debian/libc6@2.36-9%2Bdeb12u10?distro=bookworm",
        "login": "pkg:deb/debian/login@1:4.13%2Bdfsg1-1?distro=bookworm",
        "numpy": "pkg:pypi/numpy@1.9",
        "tensorflow_cpu": "pkg:pypi/tensorflow-cpu@2.21.0",
        "zope_interface": "pkg:pypi/zope-interface@7.0",
    }
    hashes = {name: [each["content"] for each in part.get("hashes", [])] for name, part in parts.items()}
    assert hashes["tensorflow_cpu"] == ["a" * 64, "b" * 64]
    assert hashes["zope_interface"] == ["c" * 64]
    assert hashes["numpy"] == hashes["libc6"] == []


def test_a_base_from_a_registry_says_nothing_of_debians_suite() -> None:
    text = sbom.bill(replace(RECEIPT, base="registry: python@sha256:" + "0" * 64), PINS, EPOCH)
    assert components(text)["libc6"]["purl"] == "pkg:deb/debian/libc6@2.36-9%2Bdeb12u10"


def test_the_same_content_gives_the_same_bytes_and_another_content_another_serial_number() -> None:
    text = sbom.bill(RECEIPT, PINS, EPOCH)
    later = replace(RECEIPT, built_at="2027-01-01T00:00:00+00:00", build_s=9.0, engine={"name": "podman"})
    assert sbom.bill(later, PINS[::-1], EPOCH) == text
    other = sbom.bill(replace(RECEIPT, image=replace(RECEIPT.image, content="9" * 64)), PINS, EPOCH)
    assert parsed(other)["serialNumber"] != parsed(text)["serialNumber"]
    assert parsed(text)["metadata"]["timestamp"] == "2025-01-01T00:00:00+00:00"


def test_the_command_takes_the_lock_of_the_receipts_image(tmp_path: Path) -> None:
    documents.write(tmp_path / "cpu.json", RECEIPT)
    assert sbom.main(["--receipt", str(tmp_path / "cpu.json"), "--out", str(tmp_path / "cpu.cdx.json")]) == 0
    parts = components((tmp_path / "cpu.cdx.json").read_text())
    assert parts["tensorflow_cpu"]["hashes"], "containers/images/cpu/requirements.lock pins this version"


@pytest.mark.parametrize("name", ["cpv", "base/.."])
def test_a_receipt_of_no_known_image_is_refused_in_a_sentence(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    documents.write(tmp_path / "x.json", replace(RECEIPT, image=replace(RECEIPT.image, name=name)))
    assert sbom.main(["--receipt", str(tmp_path / "x.json"), "--out", str(tmp_path / "x.cdx.json")]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert not (tmp_path / "x.cdx.json").exists()
