"""The words in which tests read and steer a station of either family over a `Line`."""

from typing import Any

from support.station_line import V16, Line


def configure(line: Line, key: str | None, path: str | None, value: str) -> str:
    """Set a configuration key (1.6) or a variable `Component.Variable/Instance` (2.x); gives the status."""
    if line.version is V16:
        return str(line.ask("ChangeConfiguration", {"key": key, "value": value})["status"])
    assert path is not None
    component, _, rest = path.partition(".")
    variable, _, instance = rest.partition("/")
    named = {"name": variable} | ({"instance": instance} if instance else {})
    data = {"component": {"name": component}, "variable": named, "attributeValue": value}
    return str(line.ask("SetVariables", {"setVariableData": [data]})["setVariableResult"][0]["attributeStatus"])


def states(line: Line, connector_id: int | None = None) -> list[str]:
    """The states that were reported of connectors but 0."""
    if line.version is V16:
        return [
            s["status"]
            for s in line.of("StatusNotification")
            if s["connectorId"] != 0 and connector_id in (None, s["connectorId"])
        ]
    return [s["connectorStatus"] for s in line.of("StatusNotification") if connector_id in (None, s["connectorId"])]


def info(line: Line, status: str = "Accepted", **more: Any) -> dict[str, Any]:
    """What an answer says about a token; `group="G"` names its group, `until` when it ends."""
    group, until = more.get("group"), more.get("until")
    if line.version is V16:
        told: dict[str, Any] = {"status": status}
        told |= {"parentIdTag": group} if group else {}
        return told | ({"expiryDate": until} if until else {})
    told = {"status": status} | ({"groupIdToken": {"idToken": group, "type": "Central"}} if group else {})
    return told | ({"cacheExpiryDateTime": until} if until else {})


def authorize_answer(line: Line, status: str = "Accepted", **more: Any) -> dict[str, Any]:
    """An answer to Authorize."""
    return {"idTagInfo" if line.version is V16 else "idTokenInfo": info(line, status, **more)}


def events(line: Line) -> list[tuple[str, str, str | None]]:
    """Kind, trigger and charging state of each TransactionEvent."""
    return [
        (e["eventType"], e["triggerReason"], e["transactionInfo"].get("chargingState"))
        for e in line.of("TransactionEvent")
    ]


def local_list(line: Line, version: int, entries: dict[str, Any], kind: str = "Full") -> str:
    """Send a local list: status and more by token, None takes one out; gives the status."""
    if line.version is V16:
        wire: Any = [{"idTag": t} | ({} if i is None else {"idTagInfo": i}) for t, i in entries.items()]
        request = {"listVersion": version, "updateType": kind}
    else:
        wire = [
            {"idToken": {"idToken": t, "type": "ISO14443"}} | ({} if i is None else {"idTokenInfo": i})
            for t, i in entries.items()
        ]
        request = {"versionNumber": version, "updateType": kind}
    return str(line.ask("SendLocalList", request | ({"localAuthorizationList": wire} if wire else {}))["status"])


def list_version(line: Line) -> int:
    """The version of the local list that the station tells."""
    answer = line.ask("GetLocalListVersion", {})
    return int(answer["listVersion" if line.version is V16 else "versionNumber"])
