# SPDX-License-Identifier: Apache-2.0
"""Consoles of real guests in a real browser, through the proxies of embedded mode.

Pictures are kept in NOVA_LITE_PICTURES, where that is set.
"""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from nova_lite.console.stream import NORMAL
from tests.fixtures import chromium
from tests.fixtures.chromium import Chromium
from tests.fixtures.consoles import Browser
from tests.fixtures.guest_image import guest_image
from tests.fixtures.wait import wait_for
from tests.integration.cloud.lab import BOOT, COMMAND, Client, Embedded

pytestmark = [
    pytest.mark.timeout(900),
    pytest.mark.skipif(chromium.program() is None, reason="needs chromium"),
    pytest.mark.skipif(
        not all(Path("/usr/share", name).is_dir() for name in ("novnc", "spice-html5")),
        reason="needs novnc and spice-html5",
    ),
]

# How many points of the screen are lit.
LIT = """(() => {
  const canvas = document.querySelector('#noVNC_container canvas');
  if (!canvas || !canvas.width) return 0;
  const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  let lit = 0;
  for (let at = 0; at < data.length; at += 4) {
    lit += data[at] + data[at + 1] + data[at + 2] > 0;
  }
  return lit;
})()"""
LIT_BY_SPICE = LIT.replace("#noVNC_container", "#spice-screen")
LETTERS = 250  # points that some letters have, more than a cursor that blinks
CONNECTED = "document.documentElement.classList.contains('noVNC_connected')"


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """With a guest that has booted, `seen`, and one that is deleted by a test, `gone`."""
    image = str(guest_image())
    with Embedded("[spice]\nenabled = true").started() as made:
        made.text("image", "create", "--disk-format", "qcow2", "--file", image, "guest")
        made.text("flavor", "create", "--ram", "128", "--disk", "1", "tiny")
        boot = ["server", "create", "--image", "guest", "--flavor", "tiny", "--nic", "none"]
        for name in ("seen", "gone"):
            made.text(*boot, name)
        made.console_with("seen", "login:")
        yield made


@pytest.fixture
def browser() -> Iterator[Chromium]:
    made = Chromium()
    try:
        yield made.start()
    finally:
        made.stop()


def keep(browser: Chromium, name: str, tmp_path: Path) -> None:
    browser.picture(Path(os.environ.get("NOVA_LITE_PICTURES") or tmp_path) / f"{name}.png")


def link(client: Client, server: str, kind: str = "--novnc") -> str:
    return str(client.json("console", "url", "show", kind, server)["url"])


def test_somebody_logs_in_at_the_screen(client: Client, browser: Chromium, tmp_path: Path) -> None:
    browser.open(link(client, "seen"))
    browser.wait(CONNECTED, "noVNC to connect")
    browser.wait(f"{LIT} > {LETTERS}", "something on the screen", BOOT)
    keep(browser, "screen-login", tmp_path)
    browser.click("#noVNC_container canvas")
    before = browser.look(LIT)
    browser.type("root\n")
    browser.wait(f"{LIT} > {before + LETTERS}", "the question for the password")
    browser.type("guest\n")
    client.console_with("seen", "root login on 'tty1'")
    browser.type("echo typed at $(tty) > /dev/ttyS0\n")
    said = client.console_with("seen", "typed at /dev/tty1")
    keep(browser, "screen-logged-in", tmp_path)
    assert "typed at $(tty)" not in said, "it was typed at the serial port"


def test_somebody_logs_in_at_the_serial_port(
    client: Client, browser: Chromium, tmp_path: Path
) -> None:
    page = link(client, "seen", "--serial").replace("ws://", "http://")
    browser.open(page)
    browser.wait("document.querySelector('#status').className === 'open'", "a session")
    browser.key("Enter")
    wait_text(browser, "login:")
    keep(browser, "serial-login", tmp_path)
    browser.type("root\n")
    wait_text(browser, "assword:")
    browser.type("guest\n")
    wait_text(browser, "#")
    browser.type("echo $((6 * 7)) answers-X")
    browser.key("Backspace")
    browser.type("Y\n")
    wait_text(browser, "42 answers-Y")
    keep(browser, "serial-logged-in", tmp_path)
    assert "42 answers-Y" in client.console("seen")


def test_somebody_logs_in_by_spice(client: Client, browser: Chromium, tmp_path: Path) -> None:
    client.console_with("gone", "login:")
    browser.open(link(client, "gone", "--spice"))
    browser.wait(f"{LIT_BY_SPICE} > {LETTERS}", "something on the screen", BOOT)
    keep(browser, "spice-login", tmp_path)
    browser.click("#spice-screen canvas")
    before = browser.look(LIT_BY_SPICE)
    browser.type("root\n")
    browser.wait(f"{LIT_BY_SPICE} > {before + LETTERS}", "the question for the password")
    browser.type("guest\n")
    client.console_with("gone", "root login on 'tty1'")
    keep(browser, "spice-logged-in", tmp_path)


def wait_text(browser: Chromium, words: str) -> None:
    try:
        browser.wait(f"document.querySelector('#screen').innerText.includes({words!r})", words)
    except TimeoutError as error:
        raise AssertionError(f"{error}; it shows:\n{browser.text('#screen')}") from error


def test_a_link_that_is_wrong_says_so_in_the_page(
    client: Client, browser: Chromium, tmp_path: Path
) -> None:
    good = link(client, "seen")
    browser.open(good[:-48] + "0" * 48)
    shown = "(e => e.innerText.includes('not known') && e.getBoundingClientRect().top >= 0)"
    browser.wait(f"{shown}(document.querySelector('#noVNC_status'))", "words of the refusal")
    keep(browser, "screen-refused", tmp_path)
    page = link(client, "seen", "--serial").replace("ws://", "http://")
    browser.open(page[:-48] + "0" * 48)
    browser.wait("document.querySelector('#status').innerText.includes('not known')", "words")
    keep(browser, "serial-refused", tmp_path)


def test_consoles_of_a_server_that_stops(client: Client) -> None:
    """They end, with a reason; their links wait for the server."""
    client.console_with("gone", "login:")
    screen, serial = place_of(link(client, "gone")), place_of(link(client, "gone", "--serial"))
    with opened(screen) as seen, opened(serial) as typed:
        seen.begin_rfb()
        client.text("server", "stop", "gone")
        for browser in (seen, typed):
            browser.socket.settimeout(BOOT)
            closed = browser.wait_closed()
            assert (closed.code, "the server" in closed.reason) == (NORMAL, True), closed
    wait_status(client, "gone", "SHUTOFF")
    with opened(screen) as late:
        assert "not ready" in late.rfb_refusal()
    with opened(serial) as late:
        assert "not ready" in late.wait_closed().reason
    client.text("server", "start", "gone")
    wait_status(client, "gone", "ACTIVE")
    with opened(screen) as again:
        again.begin_rfb()


def opened(place: tuple[int, str]) -> contextlib.closing[Browser]:
    port, token = place
    return contextlib.closing(Browser(port, f"/?token={token}"))


def wait_status(client: Client, server: str, status: str) -> None:
    def there() -> bool:
        return bool(client.json("server", "show", server)["status"] == status)

    wait_for(there, BOOT, f"{server} to be {status}")


def test_a_link_ends_with_its_server(client: Client) -> None:
    client.console_with("gone", "login:")
    port, token = place_of(link(client, "gone"))
    client.text("server", "delete", "--wait", "gone")
    with contextlib.closing(Browser(port, f"/?token={token}")) as late:
        assert "ended with its server" in late.rfb_refusal()


def test_a_link_of_a_screen_opens_no_serial_port(client: Client) -> None:
    _, token = place_of(link(client, "seen"))
    port, _ = place_of(link(client, "seen", "--serial"))
    with contextlib.closing(Browser(port, f"/?token={token}")) as wrong:
        assert "type novnc" in wrong.wait_closed().reason


def place_of(url: str) -> tuple[int, str]:
    """The port of its proxy, and its token."""
    return int(url.split(":")[2].split("/")[0]), url[-48:]


@pytest.mark.parametrize("kind", ["novnc", "serial"])
def test_the_doctor_finds_nothing(client: Client, kind: str) -> None:
    words = ["doctor", "console", "--type", kind, "seen", "-f", "value", "-c", "State"]
    done = subprocess.run(
        [sys.executable, "-m", "nova_lite.cli.main", *words],
        env=client.variables, capture_output=True, text=True, timeout=COMMAND, check=False,
    )  # fmt: skip
    assert (done.returncode, set(done.stdout.split())) == (0, {"ok"}), done.stdout + done.stderr
