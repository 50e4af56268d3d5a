"""A real browser on the real demo: the server with its simulated stations."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from support.demo import PASSWORD, Demo

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
NOT_FOUND = "no Chromium on this machine (Debian: apt install chromium); VOLTHERD_CHROMIUM names one elsewhere"


def find_browser() -> str:
    """The path of a Chromium; skips without one, but fails on CI, where one belongs."""
    named = os.environ.get("VOLTHERD_CHROMIUM")
    found = named or next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found:
        return found
    if os.environ.get("CI") == "true":
        pytest.fail(NOT_FOUND)
    pytest.skip(NOT_FOUND)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium."""
    executable = find_browser()
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        yield started
        started.close()


@pytest.fixture(scope="module")
def demo(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo with charging stations; after `browser`, so that nothing starts where the tests are skipped."""
    running = Demo(tmp_path_factory.mktemp("demo"))
    yield running
    running.stop()


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, demo: Demo) -> Iterator[OpenPage]:
    """Open a page in a fresh profile, signed in; afterwards the console must be clean and nothing left the server."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []
    strangers: list[str] = []

    def watch(page: Page, expected: str | None) -> None:
        def hear(message: ConsoleMessage) -> None:
            if message.type in ("error", "warning") and not (expected and expected in message.text):
                complaints.append(message.text)

        page.on("console", hear)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda r: None if r.url.startswith((demo.url, "data:")) else strangers.append(r.url))

    def opened(path: str = "/", *, signed_in: bool = True, expected: str | None = None, **options: Any) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **options})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        watch(page, expected)
        page.goto(demo.url + path)
        if signed_in:
            sign_in(page)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert strangers == []
    assert complaints == []


def sign_in(page: Page) -> None:
    """Type the operator's name and password."""
    page.get_by_label("Name").fill("admin")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
