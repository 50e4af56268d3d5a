"""OCPP 2.1, block E: limits of transactions (E16), sessions that survive a restart (E17), and what else events say."""

from functools import partial
from typing import Any

import pytest

from conformance.cases import case
from conformance.sessions import Session, reading, report, sampled
from conformance.station import MakeStation, Station, Tokens
from support.payloads import instant

new = partial(case, version="2.1")


async def charged(station: Station, tokens: Tokens) -> Session:
    """A session that takes energy."""
    session = Session(station, await tokens.make())
    await session.charging()
    return session


async def want(session: Session, **limits: float) -> dict[str, Any]:
    """Limit a session as an operator does; the API shows what is wanted. Gives the transaction as shown."""
    number = (await session.shown())["id"]
    shown = await session.station.api.put(f"/transactions/{number}/limits", **limits)
    assert shown["limits"]["wanted"] == limits
    return dict(shown)


async def told(session: Session, **more: Any) -> dict[str, Any] | None:
    """Send an event with meter values; gives the limits in its answer."""
    answer = await session.send("MeterValuePeriodic", meterValue=[reading(sampled(1000.0 + session.seq_no))], **more)
    limits = answer.get("transactionLimit")
    return None if limits is None else dict(limits)


async def limit_set(session: Session, **limits: float) -> dict[str, Any] | None:
    """Report the limits that hold at the station; gives those in the answer."""
    answer = await session.send("LimitSet", info={"transactionLimit": limits})
    assert (await session.event(session.seq_no - 1))["details"] == {"transactionLimit": limits}
    wanted = answer.get("transactionLimit")
    return None if wanted is None else dict(wanted)


# -- E16: limits --------------------------------------------------------------------------------------------------

WIRE = {"max_cost": "maxCost", "max_energy_wh": "maxEnergy", "max_time_s": "maxTime", "max_soc_percent": "maxSoC"}


@new("TC_E_16_1_V21", "A limit of the operator is told with the next answer, once, and confirmed by the station")
@pytest.mark.parametrize(
    "limits",
    [
        {"max_energy_wh": 20_000},
        {"max_cost": 12.5},
        {"max_time_s": 3600},
        {"max_soc_percent": 80},
        {"max_energy_wh": 20_000, "max_time_s": 3600, "max_cost": 12.5, "max_soc_percent": 80},
    ],
    ids=lambda limits: "+".join(limits),
)
async def test_tc_e_16_1_v21_limit_of_the_operator(v21: Station, tokens: Tokens, limits: dict[str, float]) -> None:
    session = await charged(v21, tokens)
    assert await told(session) is None
    await want(session, **limits)
    on_the_wire = {WIRE[name]: value for name, value in limits.items()}
    assert await told(session) == on_the_wire
    assert await told(session) is None, "E16.FR.02: once"
    assert await limit_set(session, **on_the_wire) is None
    shown = (await session.shown())["limits"]
    assert (shown["wanted"], shown["told"], shown["reported"]) == (limits, limits, limits)


@new("TC_E_16_2_V21", "A limit that the driver set at the station is shown, and stays where ours is higher")
async def test_tc_e_16_2_v21_limit_of_the_driver(v21: Station, tokens: Tokens) -> None:
    session = await charged(v21, tokens)
    assert await limit_set(session, maxEnergy=5000) is None
    assert (await session.shown())["limits"] == {"reported": {"max_energy_wh": 5000}}
    await want(session, max_energy_wh=20_000)
    assert await limit_set(session, maxEnergy=8000) is None, "E16.FR.08"
    assert await told(session) is None
    assert (await session.shown())["limits"]["reported"] == {"max_energy_wh": 8000}


@new("TC_E_16_3_V21", "A limit of the driver that goes beyond the operator's is overruled")
async def test_tc_e_16_3_v21_limit_beyond_ours(v21: Station, tokens: Tokens) -> None:
    session = await charged(v21, tokens)
    await want(session, max_energy_wh=20_000)
    assert await told(session) == {"maxEnergy": 20_000}
    assert await limit_set(session, maxEnergy=90_000) == {"maxEnergy": 20_000}, "E16.FR.07"
    assert await limit_set(session, maxEnergy=20_000) is None


@new("TC_E_16_4_V21", "A session that reached its limit is suspended, and goes on where the limit is raised")
@pytest.mark.parametrize("what", ["Cost", "Energy", "Time", "SoC"])
async def test_tc_e_16_4_v21_limit_reached_and_raised(v21: Station, tokens: Tokens, what: str) -> None:
    session = await charged(v21, tokens)
    name = next(name for name, wire in WIRE.items() if wire == f"max{what}")
    await want(session, **{name: 50})
    assert await told(session) == {f"max{what}": 50}
    await limit_set(session, **{f"max{what}": 50})
    await session.send(f"{what}LimitReached", state="SuspendedEVSE")
    found = await session.shown()
    assert (found["active"], found["charging_state"]) == (True, "SuspendedEVSE")
    await want(session, **{name: 75})
    assert await told(session) == {f"max{what}": 75}
    await limit_set(session, **{f"max{what}": 75})
    await session.changed("Charging")


@new("TC_E_16_5_V21", "A session that ends at its limit is shown as ended by it")
@pytest.mark.parametrize(
    ("trigger", "stopped"),
    [
        ("EnergyLimitReached", "EnergyLimitReached"),
        ("TimeLimitReached", "TimeLimitReached"),
        ("SoCLimitReached", "SOCLimitReached"),
        ("CostLimitReached", "LocalOutOfCredit"),
    ],
)
async def test_tc_e_16_5_v21_ended_by_its_limit(v21: Station, tokens: Tokens, trigger: str, stopped: str) -> None:
    session = await charged(v21, tokens)
    answer = await session.end(trigger, stopped)
    assert "transactionLimit" not in answer


@new("TC_E_16_6_V21", "A limit that the station does not confirm is told no more, and shown as not reported")
async def test_tc_e_16_6_v21_limit_that_is_not_supported(v21: Station, tokens: Tokens) -> None:
    session = await charged(v21, tokens)
    await want(session, max_energy_wh=20_000, max_soc_percent=80)
    assert await told(session) == {"maxEnergy": 20_000, "maxSoC": 80}
    assert await limit_set(session, maxEnergy=20_000) is None, "E16.FR.13"
    assert await told(session) is None
    shown = (await session.shown())["limits"]
    assert shown["reported"] == {"max_energy_wh": 20_000}
    assert shown["wanted"] == {"max_energy_wh": 20_000, "max_soc_percent": 80}


@new("TC_E_16_7_V21", "A limit that the station says it does not know is refused before it is told")
async def test_tc_e_16_7_v21_limit_that_the_station_does_not_know(v21: Station, tokens: Tokens) -> None:
    session = await charged(v21, tokens)
    place = {"component": {"name": "TxCtrlr"}, "variable": {"name": "SupportedLimits"}}
    data = [{**place, "variableAttribute": [{"value": "maxEnergy,maxTime", "mutability": "ReadOnly"}]}]
    report = {"requestId": 1, "generatedAt": instant(), "seqNo": 0, "reportData": data}
    assert await v21.call("NotifyReport", report) == {}
    number = (await session.shown())["id"]
    response = await v21.api.client.put(f"/transactions/{number}/limits", json={"max_cost": 5, "max_energy_wh": 9000})
    assert (response.status_code, "max_cost" in response.json()["detail"]) == (409, True)
    assert await told(session) is None
    assert (await session.shown())["limits"] is None
    await want(session, max_energy_wh=9000)
    assert await told(session) == {"maxEnergy": 9000}


async def test_e16_a_limit_is_told_again_where_the_answer_was_lost(v21: Station, tokens: Tokens) -> None:
    session = await charged(v21, tokens)
    await want(session, max_energy_wh=20_000)
    at = reading(sampled(1500))
    assert (await session.send("MeterValuePeriodic", meterValue=[at]))["transactionLimit"] == {"maxEnergy": 20_000}
    [sent] = [item for item in await v21.messages("TransactionEvent") if item["direction"] == "in"][-1:]
    await v21.reconnect()
    await v21.peer.send(sent["frame"])
    answer = await v21.peer.next_other()
    assert answer[2]["transactionLimit"] == {"maxEnergy": 20_000}
    assert await told(session) is None


async def test_e16_what_cannot_be_limited_is_told_by_its_kind(
    v21: Station, make_station: MakeStation, tokens: Tokens
) -> None:
    session = await charged(v21, tokens)
    number = (await session.shown())["id"]
    for body, status in (({"max_soc_percent": 101}, 422), ({"max_energy_wh": -1}, 422), ({"max_power_w": 1}, 422)):
        response = await v21.api.client.put(f"/transactions/{number}/limits", json=body)
        assert response.status_code == status
    await session.disconnected()
    response = await v21.api.client.put(f"/transactions/{number}/limits", json={"max_energy_wh": 1})
    assert response.status_code == 409
    older = await charged(await make_station("2.0.1"), tokens)
    path = f"/transactions/{(await older.shown())['id']}/limits"
    assert (await v21.api.client.put(path, json={"max_energy_wh": 1})).status_code == 409


# -- E17: sessions that survive a restart -------------------------------------------------------------------------


async def restart(station: Station, reason: str) -> None:
    """Cut the power, and boot again."""
    station.peer.drop()
    await station.api.until(f"/stations/{station.identity}", lambda shown: not shown["online"])
    await station.connect()
    assert (await station.boot(reason=reason))["status"] == "Accepted"


@new("TC_E_17_1_V21", "After a forced restart the station takes the session up again: it is one, and it never ended")
@pytest.mark.parametrize(("reason", "state"), [("PowerUp", "Charging"), ("Watchdog", "SuspendedEVSE")])
async def test_tc_e_17_1_v21_resumed(v21: Station, tokens: Tokens, reason: str, state: str) -> None:
    session = await charged(v21, tokens)
    before = await session.shown()
    await restart(v21, reason)
    between = await session.shown()
    assert (between["active"], between["inferred"]) == (True, False), "nobody said that it is over"
    await report(v21, "Occupied")
    await session.send("TxResumed", state=state)
    found = await session.shown()
    assert (found["id"], found["started_at"], found["active"]) == (before["id"], before["started_at"], True)
    assert (found["charging_state"], found["flags"], found["stopped_at"]) == (state, [], None)
    assert (await v21.evse())["transaction_id"] == found["id"]
    await session.disconnected()


@new("TC_E_17_2_V21", "A session that was interrupted for too long is ended by the station, with the reason")
@pytest.mark.parametrize(("reason", "stopped"), [("PowerUp", "PowerLoss"), ("Watchdog", "Reboot")])
async def test_tc_e_17_2_v21_not_resumed(v21: Station, tokens: Tokens, reason: str, stopped: str) -> None:
    session = await charged(v21, tokens)
    await restart(v21, reason)
    await session.end("AbnormalCondition", stopped)


@new("TC_E_17_3_V21", "A session that is taken up again gets its charging profile once more")
async def test_tc_e_17_3_v21_profile_sent_again(v21: Station, tokens: Tokens) -> None:
    session = await charged(v21, tokens)
    profile = {
        "id": 17,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxProfile",
        "chargingProfileKind": "Relative",
        "transactionId": session.id,
        "chargingSchedule": [
            {"id": 1, "chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 10}]}
        ],
    }
    wanted = {"evseId": 1, "chargingProfile": profile}
    await v21.raw("SetChargingProfile", wanted, {"status": "Accepted"})
    [kept] = await v21.documents("installed-profiles")
    assert (kept["status"], kept["transaction_id"]) == ("installed", session.id)
    await restart(v21, "PowerUp")
    v21.peer.taken_calls()
    await session.send("TxResumed", state="Charging")
    while (call := await v21.peer.next_call()).action != "SetChargingProfile":
        pass
    assert call.payload == wanted, "E17.FR.15"


# -- what events of 2.1 say besides -------------------------------------------------------------------------------


@new("TC_E_02_1_V21", "Reasons for events that are new are taken and shown as they were told")
@pytest.mark.parametrize(
    "trigger",
    [
        "CostLimitReached",
        "LimitSet",
        "OperationModeChanged",
        "RunningCost",
        "SoCLimitReached",
        "TariffChanged",
        "TariffNotAccepted",
        "TxResumed",
    ],
)
async def test_tc_e_02_1_v21_new_reasons(v21: Station, tokens: Tokens, trigger: str) -> None:
    session = await charged(v21, tokens)
    assert await session.send(trigger) == {}
    assert (await session.events())[-1]["trigger_reason"] == trigger
    assert (await session.shown())["active"]


@new("TC_E_02_2_V21", "What events of 2.1 tell of vehicle, mode and cost is kept with the event as it was told")
async def test_tc_e_02_2_v21_new_fields(v21: Station, tokens: Tokens) -> None:
    session = await charged(v21, tokens)
    usage = {"energy": 1.5, "chargingTime": 600, "idleTime": 0}
    cost = {"currency": "EUR", "typeOfCost": "NormalCost", "total": {"exclTax": 1.0, "inclTax": 1.21}}
    beside = {
        "preconditioningStatus": "Preconditioning",
        "evseSleep": False,
        "costDetails": {"totalCost": cost, "totalUsage": usage},
        "numberOfPhasesUsed": 3,
        "cableMaxCurrent": 32,
    }
    info = {"operationMode": "ChargingOnly", "tariffId": "T-1", "timeSpentCharging": 600}
    await session.send("RunningCost", info=info, **beside)
    assert (await session.event(session.seq_no - 1))["details"] == beside | info


@new("TC_E_06_1_V21", "A session that ended as the energy transfer asked for was refused is shown with that reason")
async def test_tc_e_06_1_v21_energy_transfer_refused(v21: Station, tokens: Tokens) -> None:
    session = Session(v21, await tokens.make())
    await session.authorized()
    await session.end("AbnormalCondition", "ReqEnergyTransferRejected")


@new("TC_E_14_1_V21", "An end made without a connection lacks an event: asked for by itself, as in 2.0.1")
async def test_tc_e_14_1_v21_gap(v21: Station, tokens: Tokens) -> None:
    session = await charged(v21, tokens)
    v21.answers["GetTransactionStatus"] = {"ongoingIndicator": False, "messagesInQueue": True}
    missing = session.seq_no
    await session.send("StopAuthorized", "Ended", seq_no=missing + 1, offline=True)
    call = await v21.peer.next_call()
    assert (call.action, call.payload) == ("GetTransactionStatus", {"transactionId": session.id})
    await session.send("LimitSet", "Updated", seq_no=missing, offline=True)
    assert (await session.shown())["seq_gaps"] == []
