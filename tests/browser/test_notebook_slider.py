"""A notebook opened in JupyterLab in a real Chromium: cells run, a slider is moved with the mouse, the picture follows."""

import base64
import io
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Error

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parents[2]
BLUE = (0, 0x72, 0xB2)
SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "notebook-extension/tracker": {"windowingMode": "none"},
}  # fmt: skip


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Address of a JupyterLab of its own, with the notebook in its folder."""
    pytest.importorskip("jupyterlab", reason="the extra `notebook` is not installed")
    home = tmp_path_factory.mktemp("lab")
    (home / "work").mkdir()
    (home / "work" / "what_if.ipynb").write_bytes((ROOT / "notebooks" / "09_what_if.ipynb").read_bytes())
    for name, values in SETTINGS.items():
        file = home / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values), encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **os.environ, "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"), "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_RUNTIME_DIR": str(home / "run"), "IPYTHONDIR": str(home / "ipython"),
        "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
    }  # fmt: skip
    words = ["--no-browser", "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}", "--ServerApp.port_retries=0", "--allow-root",
             "--IdentityProvider.token=", f"--ServerApp.root_dir={home / 'work'}"]  # fmt: skip
    server = subprocess.Popen([sys.executable, "-m", "jupyterlab", *words], env=environment, cwd=home / "work",
                              stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)  # fmt: skip
    told = []
    for line in server.stderr:  # blocks until the server says where it is, or ends
        told.append(line)
        if "is running at" in line:
            break
    else:
        pytest.fail("JupyterLab did not start: " + "".join(told[-10:]))
    yield f"http://127.0.0.1:{port}"
    server.terminate()
    server.stderr.close()
    server.wait(timeout=20)


def blue_pixels(source):
    """Pixels of the bar of the changed year in the picture of a data address."""
    picture = Image.open(io.BytesIO(base64.b64decode(source.split(",", 1)[1]))).convert("RGB")
    return sum(n for n, colour in picture.getcolors(1 << 24) if max(abs(a - b) for a, b in zip(colour, BLUE, strict=True)) < 12)


def reach(page, address, tries=40):
    """Open an address that a server is about to answer."""
    for left in reversed(range(tries)):
        try:
            page.goto(address)
        except Error:
            if not left:
                raise
            page.wait_for_timeout(500)
        else:
            return


def test_a_slider_of_the_notebook_moves_the_picture(lab, browser):
    page = browser.new_page(viewport={"width": 1300, "height": 1600})
    page.set_default_timeout(60_000)
    hosts = set()
    page.on("request", lambda r: hosts.add(r.url.split("/")[2]) if r.url.startswith("http") else None)
    reach(page, f"{lab}/lab/tree/what_if.ipynb")
    page.wait_for_selector(".jp-Notebook .jp-CodeCell")
    page.wait_for_selector("text=Python 3 (ipykernel) | Idle")
    page.click(".lm-MenuBar-itemLabel:text-is('Run')")
    page.click(".lm-Menu-itemLabel:text-is('Run All Cells')")
    slider = page.locator(".widget-hslider .noUi-handle").first
    slider.wait_for(timeout=240_000)  # the cells before it optimise
    picture = page.locator(".widget-output img, .jupyter-widgets-output-area img").last
    picture.wait_for()
    before = picture.get_attribute("src")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + box["height"] / 2, steps=5)
    page.mouse.up()
    page.wait_for_function("old => { const all = document.querySelectorAll('.widget-output img, .jupyter-widgets-output-area img');"
                           " return all.length && all[all.length - 1].src !== old; }", arg=before)  # fmt: skip
    after = page.locator(".widget-output img, .jupyter-widgets-output-area img").last.get_attribute("src")
    assert int(page.locator(".widget-hslider .widget-readout").first.inner_text()) > 100
    assert blue_pixels(after) > 1.05 * blue_pixels(before) > 0
    assert hosts == {lab.removeprefix("http://")}
    page.close()
