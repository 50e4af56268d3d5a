"""The words of OCPP 2.x for cases of a station: variables, connector states, and sessions step by step."""

import itertools
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from conformance.stations.csms import Came, Csms
from conformance.stations.hand import Hand

TOKEN = "04A1B2C3D4"
OTHER = "04FFEEDD00"
_ids = itertools.count(1)


def fresh() -> int:
    """Give an id that nothing has."""
    return next(_ids)


# -- the device model ---------------------------------------------------------------------------------------------


def named(path: str, evse_id: int | None = None, connector_id: int | None = None) -> dict[str, Any]:
    """`OCPPCommCtrlr.MessageTimeout/Default` as component and variable."""
    component_name, _, rest = path.partition(".")
    variable_name, _, instance = rest.partition("/")
    component: dict[str, Any] = {"name": component_name}
    if evse_id is not None:
        component["evse"] = {"id": evse_id} | ({} if connector_id is None else {"connectorId": connector_id})
    variable = {"name": variable_name} | ({"instance": instance} if instance else {})
    return {"component": component, "variable": variable}


async def put(csms: Csms, path: str, value: str, **more: Any) -> dict[str, Any]:
    """Set one variable; gives the result."""
    answer = await csms.call("SetVariables", {"setVariableData": [named(path) | {"attributeValue": value} | more]})
    [result] = answer["setVariableResult"]
    return dict(result)


async def configure(csms: Csms, **values: Any) -> None:
    """Bring variables to values before a case: `TxCtrlr__TxStartPoint="Authorized"`; each must be taken or be so."""
    for name, value in values.items():
        path = name.replace("__", ".", 1).replace("__", "/")
        text = str(value).lower() if isinstance(value, bool) else str(value)
        result = await put(csms, path, text)
        if result["attributeStatus"] != "Accepted" and await value_of(csms, path) != text:
            raise AssertionError(f"{path} could not be set to {text!r}: {result['attributeStatus']}")


async def get(csms: Csms, path: str, **more: Any) -> dict[str, Any]:
    """Read one variable; gives the result."""
    where = {key: more.pop(key) for key in ("evse_id", "connector_id") if key in more}
    answer = await csms.call("GetVariables", {"getVariableData": [named(path, **where) | more]})
    [result] = answer["getVariableResult"]
    return dict(result)


async def value_of(csms: Csms, path: str) -> str | None:
    """The value of a variable, None where it has none."""
    value = (await get(csms, path)).get("attributeValue")
    return None if value is None else str(value)


async def report(csms: Csms, action: str = "GetBaseReport", **fields: Any) -> list[dict[str, Any]]:
    """Ask for a report, which must be granted; gives its entries, with the order of its parts checked."""
    request_id = fresh()
    answer = await csms.call(action, {"requestId": request_id} | fields)
    assert answer["status"] == "Accepted", answer
    assert answer.get("statusInfo", {"reasonCode": "NoError"})["reasonCode"] == "NoError"
    return await reported(csms, request_id)


async def reported(csms: Csms, request_id: int) -> list[dict[str, Any]]:
    """Take the parts of a report."""
    entries: list[dict[str, Any]] = []
    for number in itertools.count():
        part = await csms.expect("NotifyReport", requestId=request_id)
        assert part["seqNo"] == number
        assert part["generatedAt"]
        entries += part.get("reportData", [])
        if not part.get("tbc", False):
            return entries
    raise AssertionError


def lists_are_whole(entries: Sequence[dict[str, Any]]) -> None:
    """A list's variable names the values that it may have, and has such ones."""
    for entry in entries:
        kind = entry["variableCharacteristics"]["dataType"]
        if kind not in ("OptionList", "SequenceList", "MemberList"):
            continue
        allowed = {part.strip() for part in entry["variableCharacteristics"].get("valuesList", "").split(",")}
        assert allowed - {""}, f"{entry['component']['name']}.{entry['variable']['name']} names no values"
        for attribute in entry["variableAttribute"]:
            values = {part.strip() for part in attribute.get("value", "").split(",")} - {""}
            assert values <= allowed, f"{entry['component']['name']}.{entry['variable']['name']}: {values - allowed}"


# -- what connectors report ---------------------------------------------------------------------------------------


def _tells(came: Came, status: str, evse_id: int, connector_id: int) -> bool:
    if came.action == "StatusNotification":
        told = (came["evseId"], came["connectorId"], came["connectorStatus"])
        return told == (evse_id, connector_id, status)
    if came.action != "NotifyEvent":
        return False
    return any(
        (event["component"]["name"], event["variable"]["name"], event["actualValue"], event["trigger"])
        == ("Connector", "AvailabilityState", status, "Delta")
        and event["component"].get("evse") == {"id": evse_id, "connectorId": connector_id}
        for event in came["eventData"]
    )


async def connector(
    csms: Csms, status: str, evse_id: int = 1, connector_id: int = 1, *, after: Came | None = None
) -> Came:
    """Wait until a connector was reported so, in either of the two ways; takes the message."""

    def found() -> Came | None:
        fitting = (c for c in csms.calls if not c.taken and _tells(c, status, evse_id, connector_id))
        return next((c for c in fitting if after is None or c.number > after.number), None)

    came = await csms.until(
        found,
        lambda: (
            f"connector {connector_id} of EVSE {evse_id} was not reported {status}; reported and not taken: "
            + "; ".join(str(c) for c in csms.calls if not c.taken and c.action in ("StatusNotification", "NotifyEvent"))
        ),
    )
    came.taken = True
    return came


async def all_connectors(csms: Csms, status: str = "Available", **others: str) -> None:
    """Every connector was reported so; `evse_1="Occupied"` names one that was reported otherwise."""
    for evse_id in (1, 2):
        await connector(csms, others.get(f"evse_{evse_id}", status), evse_id)


async def rebooted(csms: Csms, station: Hand, *reasons: str) -> Came:
    """Wait until the station has restarted and booted for one of the reasons."""
    return await station.meanwhile(csms.expect("BootNotification", reason=set(reasons) if reasons else ...))


# -- sessions -----------------------------------------------------------------------------------------------------


class Session:
    """A driver at one EVSE: each step does it and takes what the station must say."""

    def __init__(
        self, csms: Csms, station: Hand, *, evse_id: int = 1, token: str = TOKEN, kind: str = "ISO14443"
    ) -> None:
        self.csms = csms
        self.station = station
        self.evse_id = evse_id
        self.token = token
        self.kind = kind
        self.id = ""
        """The transaction's, once an event has told it."""
        self.is_plugged = False
        self.is_authorized = False

    @property
    def id_token(self) -> dict[str, str]:
        """The token as the wire has it."""
        return {"idToken": self.token, "type": self.kind}

    async def event(self, **fields: Any) -> Came:
        """Take the next event of the session's transaction that fits."""
        which = self.id or (lambda found: found not in self.csms.transactions)
        info = {"transactionId": which} | fields.pop("transactionInfo", {})
        came = await self.csms.expect("TransactionEvent", **fields, transactionInfo=info)
        self.id = came["transactionInfo"]["transactionId"]
        self.csms.transactions.add(self.id)
        return came

    async def no_event(self, **fields: Any) -> None:
        """No event that fits has come."""
        await self.csms.none("TransactionEvent", **fields)

    def events(self) -> list[Came]:
        """All events of the transaction."""
        return [
            c
            for c in self.csms.calls
            if c.action == "TransactionEvent" and c["transactionInfo"]["transactionId"] == self.id
        ]

    # -- steps ------------------------------------------------------------------------------------------------

    async def plugged(self, **vehicle: Any) -> None:
        """Connect the vehicle."""
        self.station.plug(self.evse_id, **vehicle)
        self.is_plugged = True
        await connector(self.csms, "Occupied", self.evse_id)

    async def presented(self, answer: dict[str, Any] | None = None) -> Came:
        """Hold the card to the reader; the CSMS is asked, and answers as given."""
        if answer is not None:
            self.csms.will_answer("Authorize", {"idTokenInfo": answer})
        self.station.present(self.token, self.evse_id, self.kind)
        return await self.csms.expect("Authorize", idToken=self.id_token)

    async def authorized(self, **info: Any) -> None:
        """Authorize locally: the CSMS is asked and accepts."""
        await self.presented({"status": "Accepted"} | info)
        self.is_authorized = True

    async def remote_started(self, remote_start_id: int | None = None, **fields: Any) -> dict[str, Any]:
        """Start remotely; gives the answer, which accepts."""
        asked = {"idToken": self.id_token, "evseId": self.evse_id, "remoteStartId": remote_start_id or fresh()}
        answer = await self.csms.call("RequestStartTransaction", asked | fields)
        assert answer["status"] == "Accepted", answer
        self.is_authorized = True
        return answer

    async def charging(self) -> Came:
        """Whatever is missing is done, in the order plug, card; energy flows and the CSMS was told."""
        if not self.is_plugged:
            await self.plugged()
        if not self.is_authorized:
            await self.authorized()
        return await self.energy()

    async def energy(self) -> Came:
        """Energy flows: an event says so, once the vehicle takes some."""
        await self.csms.settle()
        last = self.events()[-1] if self.id else None
        if last is not None and last["transactionInfo"].get("chargingState") == "Charging":
            return last
        if not list(self.csms.untaken("TransactionEvent", transactionInfo={"chargingState": "Charging"})):
            await self.station.pass_time(12)
        return await self.event(transactionInfo={"chargingState": "Charging"})

    async def suspended(self) -> Came:
        """The vehicle takes no more."""
        if not self.id:
            await self.charging()
        self.station.vehicle_full(self.evse_id)
        await self.station.pass_time(11)
        return await self.event(transactionInfo={"chargingState": {"SuspendedEV", "EVConnected"}})

    async def stopped(self, **fields: Any) -> Came:
        """The same card again: the event that says so."""
        self.station.present(self.token, self.evse_id, self.kind)
        self.is_authorized = False
        return await self.event(triggerReason="StopAuthorized", **fields)

    async def remote_stopped(self, **fields: Any) -> Came:
        """Stop remotely: the event that says so."""
        answer = await self.csms.call("RequestStopTransaction", transactionId=self.id)
        assert answer["status"] == "Accepted", answer
        self.is_authorized = False
        return await self.event(triggerReason="RemoteStop", **fields)

    async def unplugged(self) -> None:
        """Disconnect; the connector is free again."""
        self.station.unplug(self.evse_id)
        self.is_plugged = False
        await connector(self.csms, "Available", self.evse_id)

    async def ended(self, **fields: Any) -> Came:
        """The event that ends the transaction."""
        return await self.event(eventType="Ended", **fields)

    async def done(self) -> None:
        """From charging to a free connector."""
        await self.stopped()
        await self.unplugged()
        await self.csms.settle()
        assert any(c["eventType"] == "Ended" for c in self.events()), "the transaction was not ended"
        self.id = ""


def broken_transactions(calls: Sequence[Came]) -> list[str]:
    """What is wrong with the events of each transaction, whatever their order on the wire."""
    by_id: dict[str, dict[int, dict[str, Any]]] = {}
    found: list[str] = []
    for came in calls:
        if came.action == "TransactionEvent":
            events = by_id.setdefault(came["transactionInfo"]["transactionId"], {})
            if events.setdefault(came["seqNo"], came.payload) != came.payload:
                found.append(f"seqNo {came['seqNo']} of {came['transactionInfo']['transactionId']} was used twice")
    for name, events in by_id.items():
        in_order = [events[number] for number in sorted(events)]
        found += [f"transaction {name}: {problem}" for problem in _problems(in_order)]
    return found


def _problems(events: list[dict[str, Any]]) -> Iterator[str]:
    """Counts without a gap, begins once, ends at most once and last, and tells where, for whom and why."""
    numbers, kinds = [event["seqNo"] for event in events], [event["eventType"] for event in events]
    if numbers != list(range(numbers[0], numbers[0] + len(numbers))):
        yield f"the seqNos have gaps: {numbers}"
    if kinds[0] != "Started" or "Started" in kinds[1:] or "Ended" in kinds[:-1]:
        yield f"the events are {kinds}"
    times = [datetime.fromisoformat(event["timestamp"]) for event in events]
    if times != sorted(times):
        yield "the times go back"
    if any("stoppedReason" in event["transactionInfo"] for event in events if event["eventType"] != "Ended"):
        yield "a reason for the end is told before the end"
    charged = any(event["transactionInfo"].get("chargingState") == "Charging" for event in events)
    if charged and not any("connectorId" in event.get("evse", {}) for event in events):
        yield "no event tells the connector"
    if charged and not any("idToken" in event for event in events):
        yield "no event tells the token"
