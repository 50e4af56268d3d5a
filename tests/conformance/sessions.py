"""Sessions of OCPP 2.x step by step: every event goes over the wire and is looked up in the API at once."""

import itertools
from typing import Any

from conformance.station import RUN, Station
from support.payloads import event, instant, status_2x

_numbers = itertools.count(1)
TOKEN_TYPE = "ISO14443"


def sampled(value: float, context: str = "Sample.Periodic", **more: Any) -> dict[str, Any]:
    """One sampled value: the import register, where `more` names no other measurand."""
    return {"value": value, "context": context, "measurand": "Energy.Active.Import.Register", **more}


def reading(*values: dict[str, Any], at: str = "") -> dict[str, Any]:
    """A meter value: what was sampled at one instant."""
    return {"timestamp": at or instant(), "sampledValue": list(values)}


def monitored(
    component: str, variable: str, value: str, *, evse: int | None = 1, trigger: str = "Delta", seq_no: int = 0
) -> dict[str, Any]:
    """NotifyEvent with one variable's value."""
    at = instant()
    place = {} if evse is None else {"evse": {"id": evse, "connectorId": 1}}
    data = {
        "eventId": next(_numbers),
        "timestamp": at,
        "trigger": trigger,
        "actualValue": value,
        "eventNotificationType": "HardWiredNotification",
        "component": {"name": component, **place},
        "variable": {"name": variable},
    }
    return {"generatedAt": at, "seqNo": seq_no, "eventData": [data]}


async def report(station: Station, status: str, *, evse: int = 1) -> None:
    """Report a connector's status in both ways of 2.x; the API must show it."""
    assert await station.call("StatusNotification", status_2x(status, evse=evse)) == {}
    assert await station.call("NotifyEvent", monitored("Connector", "AvailabilityState", status, evse=evse)) == {}
    assert (await station.connector(evse))["status"] == status


async def authorize(station: Station, token: str) -> dict[str, Any]:
    """Ask whether a token may charge; gives idTokenInfo."""
    answer = await station.call("Authorize", {"idToken": {"idToken": token, "type": TOKEN_TYPE}})
    return dict(answer["idTokenInfo"])


class Session:
    """One transaction; `seq_no` counts, and the first event is the start."""

    def __init__(self, station: Station, token: str = "", *, evse: int = 1) -> None:
        self.station = station
        self.token = token
        self.evse = evse
        self.id = f"T-{RUN}-{next(_numbers)}"
        self.seq_no = 0
        self.plugged = False

    # -- the wire -------------------------------------------------------------------------------------------------

    async def send(
        self,
        trigger: str,
        kind: str = "",
        *,
        state: str = "",
        stopped: str = "",
        seq_no: int | None = None,
        info: dict[str, Any] | None = None,
        place: bool = False,
        **more: Any,
    ) -> dict[str, Any]:
        """Send an event and give the answer; the API must show the event just so, with charging state and reason."""
        said = dict(info or {})
        if state:
            said["chargingState"] = state
        if stopped:
            said["stoppedReason"] = stopped
        number = self.seq_no if seq_no is None else seq_no
        kind = kind or ("Started" if number == 0 else "Updated")
        payload = event(kind, self.id, number, trigger=trigger, info=said, evse=self.evse if place else None, **more)
        self.seq_no = max(self.seq_no, number + 1)
        answer = await self.station.call("TransactionEvent", payload)
        shown = await self.event(number)
        assert (shown["kind"], shown["trigger_reason"], shown["offline"]) == (kind, trigger, more.get("offline", False))
        assert (shown["charging_state"], shown["stopped_reason"]) == (state or None, stopped or None)
        assert shown["timestamp"][:19] == payload["timestamp"][:19]
        return dict(answer)

    async def end(self, trigger: str, stopped: str, *, state: str = "", **more: Any) -> dict[str, Any]:
        """End the transaction, which must then be shown as ended for that reason; gives the answer."""
        answer = await self.send(trigger, "Ended", state=state, stopped=stopped, **more)
        found = await self.shown()
        assert (found["active"], found["stop_reason"], found["inferred"]) == (False, stopped, False)
        assert found["stopped_at"] is not None
        assert not found["seq_gaps"], found
        assert not found["flags"], found
        assert found["id"] not in [evse["transaction_id"] for evse in (await self.station.shown())["evses"]]
        return answer

    # -- the states that many cases begin with --------------------------------------------------------------------

    async def authorized(self) -> None:
        """Identify at the reader: asked about, then told with an event; accepted both times."""
        assert (await authorize(self.station, self.token))["status"] == "Accepted"
        answer = await self.send("Authorized", token=self.token)
        assert answer["idTokenInfo"]["status"] == "Accepted"
        found = await self.shown()
        assert (found["active"], found["authorization"]) == (True, "Accepted")
        assert (found["id_token"], found["id_token_type"]) == (self.token, TOKEN_TYPE)

    async def connected(self, **more: Any) -> None:
        """Plug in."""
        await report(self.station, "Occupied", evse=self.evse)
        answer = await self.send("CablePluggedIn", state="EVConnected", place=True, **more)
        assert "idTokenInfo" not in answer
        self.plugged = True
        found = await self.shown()
        assert (found["active"], found["charging_state"], found["evse_id"]) == (True, "EVConnected", self.evse)
        assert (await self.station.evse(self.evse))["transaction_id"] == found["id"]

    async def charging(self, **more: Any) -> None:
        """Let energy flow; identified and plugged in first, where that has not happened yet."""
        if self.token and not (self.seq_no and (await self.shown())["id_token"]):
            await self.authorized()
        if not self.plugged:
            await self.connected()
        await self.changed("Charging", **more)
        assert (await self.station.shown())["status"] == "Charging"

    async def changed(self, state: str, **more: Any) -> None:
        """Report another charging state; the API must show it."""
        await self.send("ChargingStateChanged", state=state, **more)
        found = await self.shown()
        assert (found["active"], found["charging_state"]) == (True, state)

    async def suspended(self) -> None:
        """The vehicle takes no energy."""
        await self.charging()
        await self.changed("SuspendedEV")

    async def stop_authorized(self) -> None:
        """The driver's card ends it; the transaction goes on until the station ends it."""
        await self.charging()
        answer = await self.send("StopAuthorized", token=self.token)
        assert answer["idTokenInfo"]["status"] == "Accepted"
        assert (await self.shown())["active"]

    async def stopped_and_connected(self) -> None:
        """The energy has stopped, the cable is still in."""
        await self.stop_authorized()
        await self.changed("EVConnected")

    async def disconnected(self, **more: Any) -> None:
        """Unplug, which ends the transaction."""
        await report(self.station, "Available", evse=self.evse)
        await self.end("EVCommunicationLost", "EVDisconnected", state="Idle", **more)

    # -- what the API shows ---------------------------------------------------------------------------------------

    async def shown(self) -> dict[str, Any]:
        """The transaction, which there must be exactly once."""
        [found] = [item for item in await self.station.transactions() if item["transaction_id"] == self.id]
        assert found == await self.station.api.get(f"/transactions/{found['id']}")
        return dict(found)

    async def events(self) -> list[Any]:
        """Its events, by sequence number."""
        return await self.station.api.items(f"/transactions/{(await self.shown())['id']}/events")

    async def event(self, seq_no: int) -> dict[str, Any]:
        """One of its events, which there must be exactly once."""
        [found] = [item for item in await self.events() if item["seq_no"] == seq_no]
        return dict(found)

    async def values(self, **wanted: Any) -> list[Any]:
        """Its meter values in order of time, those that have all fields as wanted."""
        found = await self.station.api.items(f"/transactions/{(await self.shown())['id']}/meter-values")
        return [item for item in found if all(item[name] == value for name, value in wanted.items())]
