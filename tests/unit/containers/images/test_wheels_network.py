"""The network gone before, in the middle of, and after the fetch: an index on loopback that fails as networks do."""

from __future__ import annotations

import hashlib
import http.server
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from containers.images.wheels import fetch
from tests.unit.containers.images.test_wheels import make_lock, make_wheel
from workloads.vocabulary.errors import ImageError

WHEEL = "one-1.0-py3-none-any.whl"


@dataclass
class Index:
    """A package index with one wheel, that can break off in the middle of it, or close."""

    wheel: Path
    breaks_off: bool = False
    server: http.server.ThreadingHTTPServer | None = None

    def start(self) -> str:
        """Serve; gives the address."""
        index = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                whole = f'<a href="/{WHEEL}">{WHEEL}</a>'.encode()
                if self.path.endswith(".whl"):
                    whole = index.wheel.read_bytes()
                self.send_response(200)
                self.send_header("Content-Type", "text/html" if whole.startswith(b"<") else "application/zip")
                self.send_header("Content-Length", str(len(whole)))
                self.end_headers()
                cut = index.breaks_off and self.path.endswith(".whl")
                self.wfile.write(whole[: len(whole) // 2] if cut else whole)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's name for it
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever).start()
        return f"http://127.0.0.1:{self.server.server_port}/simple/"

    def stop(self) -> None:
        """The network is gone."""
        if self.server is not None:
            self.server.shutdown()
            self.server.server_close()
            self.server = None


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
    make_wheel(tmp_path / "made", "one", "1.0", body="x = 1\n" * 10_000)
    index = Index(tmp_path / "made" / WHEEL)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_INDEX_URL", index.start())
    for name in ("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "http_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_RETRIES", "0")
    yield index
    index.stop()


def lock_of(index: Index, folder: Path) -> Path:
    return make_lock(folder / "cpu", ("one", "1.0", hashlib.sha256(index.wheel.read_bytes()).hexdigest()))


def test_gone_before_the_fetch_it_is_named_and_nothing_is_left(tmp_path: Path, index: Index) -> None:
    lock = lock_of(index, tmp_path)
    index.stop()
    with pytest.raises(ImageError, match=r"cpu/requirements\.lock cannot be fetched: .*; check the connection"):
        fetch(locks=[lock], wheels=tmp_path / "wheels")
    assert list((tmp_path / "wheels").iterdir()) == []


def test_gone_in_the_middle_of_a_wheel_no_half_is_kept_and_the_next_fetch_carries_on(
    tmp_path: Path, index: Index
) -> None:
    lock = lock_of(index, tmp_path)
    index.breaks_off = True
    with pytest.raises(ImageError, match=r"cpu/requirements\.lock") as caught:
        fetch(locks=[lock], wheels=tmp_path / "wheels")
    assert "\n" not in str(caught.value)
    assert list((tmp_path / "wheels").iterdir()) == []
    index.breaks_off = False
    (wheel,) = fetch(locks=[lock], wheels=tmp_path / "wheels")
    assert wheel.read_bytes() == index.wheel.read_bytes()


def test_gone_after_the_fetch_it_is_not_missed(tmp_path: Path, index: Index) -> None:
    lock = lock_of(index, tmp_path)
    fetch(locks=[lock], wheels=tmp_path / "wheels")
    index.stop()
    assert len(fetch(locks=[lock], wheels=tmp_path / "wheels")) == 1
