"""What the cases of blocks B, F and G share: reports of connectors, sessions, variables."""

from typing import Any

from conformance.station import Station
from support.payloads import event, instant, status_2x

ACCEPTED = {"status": "Accepted"}


def state_event(
    value: str, *, evse: int = 1, connector: int | None = 1, component: str = "Connector"
) -> dict[str, Any]:
    """NotifyEvent with the availability of a connector, or of an EVSE."""
    place = {"id": evse} if connector is None else {"id": evse, "connectorId": connector}
    data = {
        "eventId": 1,
        "timestamp": instant(),
        "trigger": "Delta",
        "actualValue": value,
        "eventNotificationType": "HardWiredNotification",
        "component": {"name": component, "evse": place},
        "variable": {"name": "AvailabilityState"},
    }
    return {"generatedAt": instant(), "seqNo": 0, "eventData": [data]}


async def reported(station: Station, status: str, *, evse: int = 1) -> None:
    """Report a connector in both ways and see it shown."""
    assert await station.call("StatusNotification", status_2x(status, evse=evse)) == {}
    assert await station.call("NotifyEvent", state_event(status, evse=evse)) == {}
    assert (await station.connector(evse))["status"] == status


async def charging(station: Station, token: str, *, evse: int = 1, transaction_id: str = "tx-1") -> None:
    """Bring a session to where energy flows."""
    await reported(station, "Occupied", evse=evse)
    info = {"chargingState": "Charging"}
    answer = await station.call(
        "TransactionEvent", event("Started", transaction_id, 0, token=token, evse=evse, info=info)
    )
    assert answer["idTokenInfo"]["status"] == "Accepted"


async def ended(station: Station, token: str, *, transaction_id: str = "tx-1") -> None:
    """End a session: its driver comes back and leaves."""
    stop = event(
        "Updated", transaction_id, 1, token=token, trigger="StopAuthorized", info={"chargingState": "EVConnected"}
    )
    assert (await station.call("TransactionEvent", stop))["idTokenInfo"]["status"] == "Accepted"
    info = {"chargingState": "Idle", "stoppedReason": "EVDisconnected"}
    leave = event("Ended", transaction_id, 2, trigger="EVCommunicationLost", info=info)
    assert await station.call("TransactionEvent", leave) == {}
    assert (await station.transaction())["active"] is False


def read(values: dict[str, str]) -> Any:
    """Answer GetVariables with values by variable (and instance)."""

    def answer(request: dict[str, Any]) -> dict[str, Any]:
        results = []
        for item in request["getVariableData"]:
            value = values.get(item["variable"].get("instance", item["variable"]["name"]), "1")
            named = {"component": item["component"], "variable": item["variable"]}
            results.append({**named, "attributeStatus": "Accepted", "attributeValue": value})
        return {"getVariableResult": results}

    return answer


def written(request: dict[str, Any]) -> dict[str, Any]:
    """Answer SetVariables: all accepted."""
    return {
        "setVariableResult": [
            {"component": item["component"], "variable": item["variable"], "attributeStatus": "Accepted"}
            for item in request["setVariableData"]
        ]
    }


def named(*names: str) -> list[dict[str, str]]:
    """Name variables as `Component.Variable` or `Component.Variable.Instance`."""
    parts = [name.split(".") for name in names]
    return [
        {"component": part[0], "variable": part[1]} | ({"variable_instance": part[2]} if part[2:] else {})
        for part in parts
    ]


async def variable(station: Station, component: str, name: str) -> dict[str, Any]:
    """One variable as the API shows it."""
    found = await station.api.items(f"/stations/{station.identity}/variables")
    [one] = [item for item in found if (item["component"], item["variable"]) == (component, name)]
    return dict(one)
