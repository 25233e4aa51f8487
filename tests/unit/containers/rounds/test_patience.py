"""A round waits for its engine, for a while and in words."""

from __future__ import annotations

import http.server
import json
import socket
import threading
from collections.abc import Iterator

import pytest

from containers.engine import connection as engine
from containers.rounds import patience
from containers.rounds.patience import MOST_LOSSES, Patience
from workloads.vocabulary.errors import EngineError, EngineGoneError


class _Engine(http.server.BaseHTTPRequestHandler):
    """The few answers of an engine that holds nothing."""

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        known = {"json": b"[]", "_ping": b"OK"}
        body = known.get(path.rpartition("/")[2], json.dumps({"ApiVersion": "1.41"}).encode())
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's name for it
        pass


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An engine on loopback."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Engine) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{server.server_port}")
        yield f"tcp://127.0.0.1:{server.server_port}"
        server.shutdown()
        serving.join()


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "PAUSE_S", 0.01)


def test_an_engine_that_is_there_is_taken_without_a_word(host: str) -> None:
    told: list[str] = []
    Patience(told.append).connect().close()
    assert told == []


def test_an_engine_that_stays_away_ends_the_wait_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(EngineError, match=r"no engine answers.*waited for 0\.1 s; the launches so far are kept"):
            Patience(told.append, wait_s=0.1).connect()
    assert len(told) == 1  # however often it was tried
    assert told[0].endswith("waiting up to 0.1 s for it ...")


def test_an_engine_that_comes_back_is_used_again(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real, asked = engine.connect, []

    def absent_at_first() -> engine.Client:
        asked.append(1)
        if len(asked) < 3:
            raise EngineError("no engine yet")
        return real()

    monkeypatch.setattr(engine, "connect", absent_at_first)
    told: list[str] = []
    Patience(told.append).connect().close()
    assert [words.partition(" after ")[0] for words in told] == [
        "no engine yet; waiting up to 120 s for it ...",
        "the container engine answers",
    ]


def test_an_engine_that_is_there_and_refuses_is_not_waited_for(host: str) -> None:
    client = engine.connect()
    with pytest.raises(EngineError, match="no space left"):
        Patience(print).outlast(EngineError("the engine refused: no space left"), client)
    client.close()


def test_a_launch_that_ends_its_engine_every_time_is_given_up(host: str) -> None:
    waiting, client = Patience(print), engine.connect()
    gone = EngineGoneError("the engine stopped answering")
    for _ in range(MOST_LOSSES):
        client = waiting.outlast(gone, client)
    with pytest.raises(EngineError, match=r"4 times in a row in this launch"):
        waiting.outlast(gone, client)


def test_losses_count_in_a_row_only(host: str) -> None:
    waiting, client = Patience(print), engine.connect()
    for _ in range(3 * MOST_LOSSES):
        client = waiting.outlast(EngineGoneError("gone"), client)
        waiting.recorded()
    client.close()
