"""From an unknown station to a charging car, as the README's three steps say."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from support.demo import Demo

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(240), pytest.mark.xdist_group("browser")]

ARTIFACTS = Path(__file__).parents[2] / "artifacts"

OpenPage = Callable[..., Page]


@pytest.fixture(autouse=True)
def waiting_room(demo: Demo) -> None:
    """Let unknown stations wait to be accepted."""
    demo.api.put("/settings/onboarding", json={"unknown_stations": "pending"}).raise_for_status()


@contextmanager
def new_station(demo: Demo, prefix: str) -> Iterator[str]:
    """A simulated station that the server has never met; its driver comes when charging is started from afar."""
    command = [sys.executable, "-m", "voltherd", "simulate", "--url", demo.ocpp, "--stations", "1", "--ocpp", "1.6"]
    command += ["--prefix", prefix, "--json", "--duration", "200", "--idle", "100000"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield f"{prefix}0001"
    finally:
        process.kill()
        process.wait(10)
        demo.api.delete(f"/stations/{prefix}0001")


@contextmanager
def silent_station(demo: Demo, identity: str) -> Iterator[ClientConnection]:
    """A station of OCPP 1.6 that has booted once and then only answers."""
    with connect(f"{demo.ocpp}/{identity}", subprotocols=[Subprotocol("ocpp1.6")]) as line:
        boot = {"chargePointVendor": "Quiet", "chargePointModel": "Post"}
        line.send(json.dumps([2, "1", "BootNotification", boot]))
        assert json.loads(line.recv(10))[2]["status"] == "Pending"
        yield line
    demo.api.delete(f"/stations/{identity}")


def calls(line: ClientConnection, wanted: str, timeout_s: float = 20.0) -> dict[str, Any]:
    """Refuse what the server asks for until it asks for `wanted`; gives the payload of that."""
    end = time.monotonic() + timeout_s
    with suppress(ConnectionClosed, TimeoutError):
        while True:
            kind, message_id, *rest = json.loads(line.recv(max(0.0, end - time.monotonic())))
            if kind == 2 and rest[0] == wanted:
                line.send(json.dumps([3, message_id, {"status": "Accepted"}]))
                return dict(rest[1])
            if kind == 2:
                line.send(json.dumps([4, message_id, "NotImplemented", "", {}]))
    raise AssertionError(f"the server did not ask for {wanted}")


def test_three_steps_from_an_unknown_station_to_a_charging_car(demo: Demo, open_page: OpenPage) -> None:
    card = "04NEWCARD1"
    with new_station(demo, "NEW-") as identity:
        page = open_page("/stations", expected="404")
        page.locator(f"[data-waiting='{identity}']").get_by_role("button", name="Accept station").click()
        row = page.locator(f"[data-station='{identity}']")
        expect(row).to_contain_text(re.compile("Available|Preparing|Waiting"))
        row.click()
        expect(page.locator("[data-evse]").first).to_be_visible(timeout=70_000)
        page.get_by_role("button", name="Remote start").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Card").fill(card)
        dialog.get_by_role("button", name="Start session").click()
        expect(dialog.get_by_text("does not know this card")).to_be_visible()
        dialog.get_by_label("Add this card").check()
        page.screenshot(path=ARTIFACTS / "unknown-card.png")
        dialog.get_by_role("button", name="Start session").click()
        command = page.locator("[data-command='remote-start']").first
        expect(command).to_have_attribute("data-state", "effect_seen", timeout=60_000)
        assert demo.api.get(f"/tokens/{card}").json()["status"] == "accepted"


def test_an_accepted_station_that_tells_nothing_waits_calmly_and_can_be_started(
    demo: Demo, open_page: OpenPage
) -> None:
    identity = "QUIET-1"
    with silent_station(demo, identity) as line:
        page = open_page("/stations", expected="404")
        page.locator(f"[data-waiting='{identity}']").get_by_role("button", name="Accept station").click()
        expect(page.locator(f"[data-accepted='{identity}']")).to_contain_text("waiting for the station to register")
        expect(page.locator(f"[data-station='{identity}']")).to_contain_text("Waiting")
        expect(page.get_by_role("button", name=re.compile("Waiting for the station"))).to_contain_text("1")
        page.screenshot(path=ARTIFACTS / "accepted.png")
        page.locator(f"[data-station='{identity}']").click()
        expect(page.locator("[data-awaited]")).to_contain_text("waiting for the station to register")
        page.get_by_role("button", name="Remote start").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Card").fill("04STRANGER")
        dialog.get_by_label("EVSE").fill("2")
        dialog.get_by_role("button", name="Start session").click()
        expect(dialog.get_by_text("does not know this card")).to_be_visible()
        page.screenshot(path=ARTIFACTS / "start-unreported.png")
        dialog.get_by_role("button", name="Start session").click()
        asked = calls(line, "RemoteStartTransaction")
        assert (asked["idTag"], asked["connectorId"]) == ("04STRANGER", 2)
        assert demo.api.get("/tokens/04STRANGER").status_code == 404


def test_what_was_taken_out_of_service_is_offered_to_be_brought_back(demo: Demo, open_page: OpenPage) -> None:
    idle = next(s for s in demo.items("/stations") if s["online"] and s["status"] == "Available")
    page = open_page(f"/stations/{idle['station_id']}")
    evse = page.locator("[data-evse]").first
    evse.get_by_role("button", name="Take out of service").click()
    page.get_by_role("dialog").get_by_role("button", name="Take out of service").click()
    evse.get_by_role("button", name="Bring back into service").click()
    page.get_by_role("dialog").get_by_role("button", name="Bring back into service").click()
    expect(evse.get_by_role("button", name="Take out of service")).to_be_visible()


def test_a_set_up_link_that_is_not_valid_is_told_in_place_of_the_form(demo: Demo, open_page: OpenPage) -> None:
    page = open_page("/setup?token=used-already", signed_in=False, expected="401")
    expect(page.get_by_text("first administrator")).to_be_visible()
    page.get_by_label(re.compile("^Password(?! again)")).fill("a-long-password")
    page.get_by_label("Password again").fill("a-long-password")
    page.get_by_role("button", name="Create administrator").click()
    expect(page.get_by_role("alert")).to_contain_text("not valid")
    expect(page.get_by_label("Name")).to_have_count(0)
    expect(page.get_by_role("link", name="sign in")).to_be_visible()
    page.screenshot(path=ARTIFACTS / "set-up-refused.png")


def test_station_ids_are_whole_on_a_laptop(demo: Demo, open_page: OpenPage) -> None:
    page = open_page("/stations", viewport={"width": 1280, "height": 800})
    expect(page.locator("[data-station]").first).to_be_visible()
    cut = "els => els.filter(e => e.scrollWidth > e.clientWidth).map(e => e.textContent)"
    assert page.locator("[data-station] .id").evaluate_all(cut) == []
    page.screenshot(path=ARTIFACTS / "stations-laptop.png")
