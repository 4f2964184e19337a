"""A real Chromium for the tests that need one: the system's, else installed, else the test says why it is skipped."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", "--disable-component-update"]


def found():
    return next((p for n in NAMES if (p := shutil.which(n))), None)


@pytest.fixture(scope="session")
def chromium():
    """Path of the browser; installed where this process may, a failure in CI where it cannot be had."""
    path = found()
    if path is None and os.name == "posix" and os.geteuid() == 0 and shutil.which("apt-get"):
        for words in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "chromium"]):
            subprocess.run(["apt-get", *words], check=False, capture_output=True, timeout=600)
        path = found()
    if path is None:
        reason = "no Chromium on this machine and no right to install one; put `chromium` on the PATH"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    return path


@pytest.fixture(scope="session")
def browser(chromium):
    """One headless browser for the session."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        made = play.chromium.launch(executable_path=chromium, args=FLAGS)
        yield made
        made.close()


class Seen:
    """A page, and everything that it asked for or complained about."""

    def __init__(self, browser, path, width=1200):
        self.page = browser.new_page(viewport={"width": width, "height": 900})
        self.requests, self.complaints, self.dialogs = [], [], []
        self.page.on("request", lambda r: self.requests.append(r.url))
        self.page.on("console", lambda m: self.complaints.append(m.text) if m.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda e: self.complaints.append(str(e)))
        self.page.on("dialog", lambda d: (self.dialogs.append(d.message), d.dismiss()))
        self.page.goto(Path(path).as_uri())
        self.page.wait_for_load_state("networkidle")


@pytest.fixture
def seen(browser):
    """Open a file and watch it."""
    opened = []

    def watch(path, width=1200):
        opened.append(Seen(browser, path, width))
        return opened[-1]

    yield watch
    for s in opened:
        s.page.close()
