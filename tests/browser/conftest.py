"""Chromium, headless: the distribution's own package, driven by playwright; nothing is downloaded from elsewhere."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from analysis.figures import draw as figures
from analysis.report import page as html
from analysis.report import render as report
from containers.engine import setup as setup_engine
from tests.made.analysed import make_tables
from tests.made.simulated import failed, switch, thread_grid, write_simulated_machine
from workloads.vocabulary.errors import ThreadmarkError
from workloads.vocabulary.plan import Hole, HoleKind

NAMES = ("chromium", "chromium-browser", "google-chrome")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs a browser."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def executable() -> str:
    """A Chromium; as root on Debian or Ubuntu it is installed where it is missing."""
    if _found() is None and os.geteuid() == 0 and setup_engine.is_debian(Path("/etc/os-release")):
        try:
            setup_engine.install(["chromium", "fonts-dejavu-core"])
        except ThreadmarkError as error:
            pytest.skip(str(error))
    result = _found()
    if result is None:
        pytest.skip(f"none of {', '.join(NAMES)} is installed, and only root on Debian or Ubuntu can install it here")
    return result


def _found() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser(executable: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # A container has no room for Chromium's own sandbox, and the page is ours.
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def report_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a simulated run that has something of everything to tell."""
    root = tmp_path_factory.mktemp("machine")
    write_simulated_machine(
        root,
        [thread_grid(rounds=3), switch(sweep="one-switch-with-a-long-name", rounds=3)],
        faults=lambda record: failed(record, message="x" * 300) if record.id.endswith("/2/1") else record,
        holes=[Hole(HoleKind.IMAGE, "cuda", "the engine has <b>no</b> GPU")],
    )
    make_tables(root)
    assert figures.main(["--results", str(root)]) == 0
    assert report.main(["--results", str(root)]) == 0
    assert html.main(["--results", str(root)]) == 0
    return root / "report.html"


@pytest.fixture
def page(browser: Browser, report_page: Path) -> Iterator[Page]:
    """The page, open at 1400 x 900."""
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    page.goto(report_page.as_uri())
    yield page
    page.close()
