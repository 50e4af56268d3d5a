import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from support.demo import PASSWORD, Demo

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(240), pytest.mark.xdist_group("browser")]

ARTIFACTS = Path(__file__).parents[2] / "artifacts"
STATIONS = 24
FIRST_LOAD_LIMIT_BYTES = 200_000

OpenPage = Callable[..., Page]


def wait_for(demo: Demo, path: str, fits: Any, timeout_s: float = 60.0, **query: Any) -> dict[str, Any]:
    """The first item of a list for which `fits` holds, once there is one."""
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        for item in demo.items(path, **query):
            if fits(item):
                return item
        time.sleep(0.5)
    raise AssertionError(f"nothing under {path} fits")


def charging(demo: Demo) -> dict[str, Any]:
    return wait_for(demo, "/stations", lambda s: s["online"] and (s["power_w"] or 0) > 1000)


def total_power_kw(page: Page) -> str:
    found = re.search(r"([\d.,]+) kW", page.locator("[data-total]").inner_text())
    assert found
    return found[1]


def test_all_stations_are_listed_with_status_and_power(demo: Demo, open_page: OpenPage) -> None:
    station = charging(demo)
    page = open_page("/stations")
    expect(page).to_have_title("Stations · Voltherd")
    expect(page.locator("[data-total]")).to_contain_text(f"{STATIONS} stations")
    page.get_by_label("Filter stations").fill(station["station_id"])
    row = page.locator(f"[data-station='{station['station_id']}']")
    expect(row).to_contain_text("Charging")
    expect(row.locator("[data-power]")).to_have_text(re.compile(r"\d+[.,]\d kW"))


def test_the_power_of_the_fleet_changes_without_reloading(demo: Demo, open_page: OpenPage) -> None:
    charging(demo)
    page = open_page("/stations")
    expect(page.locator("[data-total]")).to_contain_text("kW")
    before = total_power_kw(page)
    expect(page.locator("[data-total] strong")).not_to_have_text(f"{before} kW", timeout=60_000)


def test_a_station_shows_its_session_and_its_messages(demo: Demo, open_page: OpenPage) -> None:
    station = charging(demo)
    page = open_page(f"/stations/{station['station_id']}")
    expect(page.locator("[data-evse]").first).to_be_visible()
    expect(page.get_by_role("button", name="Stop session").first).to_be_visible()
    page.get_by_role("tab", name="Messages").click()
    first = page.get_by_role("list", name="Messages, newest first").get_by_role("button").first
    first.click()
    expect(page.locator("pre").first).to_contain_text("[\n  ")
    assert "tab=messages" in page.url


def test_a_session_started_from_the_page_is_followed_until_it_runs(demo: Demo, open_page: OpenPage) -> None:
    token = wait_for(demo, "/tokens", lambda t: t["status"] == "accepted")["token"]
    idle = wait_for(demo, "/stations", lambda s: s["online"] and s["status"] == "Available")
    page = open_page(f"/stations/{idle['station_id']}")
    page.get_by_role("button", name="Remote start").click()
    page.get_by_label("Card").fill(token)
    page.get_by_role("dialog").get_by_role("button", name="Start session").click()
    command = page.locator("[data-command='remote-start']").first
    expect(command).to_have_attribute("data-state", "effect_seen", timeout=90_000)
    expect(page.get_by_role("button", name="Stop session").first).to_be_visible()
    running = demo.items("/transactions", station_id=idle["station_id"], active=True)
    assert [t["id_token"] for t in running] == [token]


def test_a_reset_says_what_it_will_interrupt_and_cancelling_sends_nothing(demo: Demo, open_page: OpenPage) -> None:
    station = charging(demo)
    page = open_page(f"/stations/{station['station_id']}")
    expect(page.get_by_role("button", name="Stop session").first).to_be_visible()
    page.get_by_role("button", name="Reset").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text(re.compile("^(Hard|At once)$")).click()
    expect(dialog.locator("[data-effect]")).to_have_text(re.compile(r"\d+ sessions? will stop"))
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_be_hidden()
    sent = demo.items("/commands", station_id=station["station_id"])
    assert [c["name"] for c in sent if c["name"] == "reset"] == []


def test_a_station_is_found_with_the_keyboard_alone(demo: Demo, open_page: OpenPage) -> None:
    station = demo.items("/stations")[5]
    page = open_page("/stations")
    expect(page.locator("[data-total]")).to_be_visible()
    page.keyboard.press("Control+k")
    page.keyboard.type(station["station_id"])
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/stations/{station['station_id']}$"))
    expect(page.locator("[data-evse]").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile("/stations$"))


def test_running_and_ended_sessions_are_listed(demo: Demo, open_page: OpenPage) -> None:
    charging(demo)
    page = open_page("/sessions")
    expect(page.locator("[data-session]").first).to_contain_text("kWh")


def test_an_ended_sign_in_leads_back_and_then_to_where_one_was(demo: Demo, open_page: OpenPage) -> None:
    page = open_page("/sessions", expected="401")
    expect(page.get_by_role("heading", name="Sessions")).to_be_visible()
    page.evaluate("""
        const kept = JSON.parse(localStorage.getItem('voltherd.session'));
        localStorage.setItem('voltherd.session', JSON.stringify({ ...kept, token: 'ended' }));
    """)
    page.reload()
    expect(page.get_by_text("Your sign-in has run out")).to_be_visible()
    page.get_by_label("Name").fill("admin")
    page.get_by_label("Password").fill("wrong-password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("do not fit together")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Sessions")).to_be_visible()


def test_the_first_load_is_small(demo: Demo, open_page: OpenPage) -> None:
    page = open_page("/favicon.svg", signed_in=False)
    received: list[int] = []
    client = page.context.new_cdp_session(page)
    client.send("Network.enable")
    client.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    page.goto(demo.url + "/sign-in", wait_until="networkidle")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    assert 10_000 < sum(received) < FIRST_LOAD_LIMIT_BYTES


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_the_pages_fit_every_screen(demo: Demo, open_page: OpenPage, size: str, scheme: str) -> None:
    station = charging(demo)["station_id"]
    viewport = {"width": 1440, "height": 900} if size == "desktop" else {"width": 390, "height": 844}
    page = open_page("/stations", viewport=viewport, color_scheme=scheme)
    expect(page.locator("[data-station]").first).to_be_visible()
    for name, path in {
        "stations": "/stations",
        "station": f"/stations/{station}",
        "messages": f"/stations/{station}?tab=messages",
        "sessions": "/sessions",
    }.items():
        page.goto(demo.url + path)
        expect(page.get_by_role("heading").first).to_be_visible()
        expect(page.locator("[data-station], [data-evse], [data-session], .line").first).to_be_visible()
        ARTIFACTS.mkdir(exist_ok=True)
        page.screenshot(path=ARTIFACTS / f"{name}-{size}-{scheme}.png")
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow <= 0, f"{name} is wider than the screen"
