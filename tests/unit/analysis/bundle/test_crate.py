"""A bundle's description is held against RO-Crate 1.2 by that specification's own validator, without network."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter
from requests_cache import CachedSession
from urllib3 import HTTPResponse

from analysis.bundle.contents import CRATE
from tests.made import bundles

# docs/_specification/1.2/context.jsonld of github.com/ResearchObject/ro-crate (Apache-2.0), at its address below.
CONTEXT = Path(bundles.__file__).with_name("ro_crate_1.2_context.jsonld")
ADDRESS = "https://w3id.org/ro/crate/1.2/context"


class _Stored(HTTPAdapter):
    """Answers every request with the stored context."""

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        body = io.BytesIO(CONTEXT.read_bytes())
        headers = {"Content-Type": "application/ld+json"}
        return self.build_response(request, HTTPResponse(body, headers, 200, preload_content=False))


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """The validator's cache of web pages, with the one that it asks for."""
    path = tmp_path / "cache"
    with CachedSession(cache_name=str(path), backend="sqlite", expire_after=-1) as session:
        session.mount("https://w3id.org/", _Stored())
        assert session.get(ADDRESS).ok
    return path


def faults(folder: Path, cache: Path) -> list[str]:
    """What the validator finds: its required checks only."""
    said = folder.parent / "said.json"
    options = ["--offline", "--cache-path", str(cache), "--profile-identifier", "ro-crate-1.2"]
    command = [str(Path(sys.executable).with_name("rocrate-validator")), "-y", "validate", *options]
    done = subprocess.run(
        [*command, "--output-format", "json", "--output-file", str(said), str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.exists(), done.stderr
    answer = json.loads(said.read_text())
    return [f"{fault['check']['identifier']} {fault['message']}" for fault in answer["issues"]]


def test_the_validator_of_ro_crate_finds_no_fault_and_finds_one_that_is_made(tmp_path: Path, cache: Path) -> None:
    folder = tmp_path / "crate"
    for name, content in bundles.unpacked(bundles.small_bundle(), tmp_path).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    assert faults(folder, cache) == []
    document = json.loads((folder / CRATE).read_text())
    for entity in document["@graph"]:
        entity.pop("datePublished", None)
    (folder / CRATE).write_text(json.dumps(document))
    assert any("datePublished" in fault for fault in faults(folder, cache))
