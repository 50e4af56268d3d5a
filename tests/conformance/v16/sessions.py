"""What many cases of OCPP 1.6 begin or end with."""

from typing import Any

from conformance.station import Station
from support.payloads import start_16, status_16, stop_16


async def report(station: Station, status: str, *, connector: int = 1, **more: Any) -> None:
    """Report a connector's status; the API must show it."""
    assert await station.call("StatusNotification", status_16(status, connector=connector) | more) == {}
    if connector:
        assert (await station.connector(connector))["status"] == status


async def authorize(station: Station, token: str) -> dict[str, Any]:
    """Ask whether a token may charge; gives idTagInfo."""
    answer = await station.call("Authorize", {"idTag": token})
    return dict(answer["idTagInfo"])


async def start(station: Station, token: str, *, connector: int = 1, **more: Any) -> int:
    """Start a transaction, which must be accepted and shown; gives its number."""
    answer = await station.call("StartTransaction", start_16(token, connector=connector, **more))
    assert answer["idTagInfo"]["status"] == "Accepted"
    number = int(answer["transactionId"])
    shown = (await station.transactions())[-1]
    assert (shown["transaction_id"], shown["id_token"]) == (str(number), token)
    assert (shown["active"], shown["authorization"], shown["evse_id"]) == (True, "Accepted", connector)
    return number


async def charge(station: Station, token: str, *, connector: int = 1, **more: Any) -> int:
    """Plug in, identify, start and charge; gives the transaction's number."""
    await report(station, "Preparing", connector=connector)
    assert (await authorize(station, token))["status"] == "Accepted"
    number = await start(station, token, connector=connector, **more)
    await report(station, "Charging", connector=connector)
    assert (await station.shown())["status"] == "Charging"
    return number


async def stop(station: Station, number: int, reason: str, token: str | None = None, **more: Any) -> dict[str, Any]:
    """Stop a transaction, which must then be shown as ended with its energy; gives its record."""
    named = {} if token is None else {"idTag": token}
    answer = await station.call("StopTransaction", stop_16(number, reason=reason, **named, **more))
    if token is not None:
        assert answer["idTagInfo"]["status"] == "Accepted"
    shown = (await station.transactions())[-1]
    assert shown["transaction_id"] == str(number)
    assert (shown["active"], shown["stop_reason"], shown["energy_wh"]) == (False, reason, 5000)
    return dict(shown)


async def restart(station: Station, *connectors: int) -> None:
    """Come back as after a restart: a new connection, a boot, the connectors' status."""
    await station.reconnect()
    assert (await station.boot())["status"] == "Accepted"
    for connector in connectors:
        await report(station, "Available", connector=connector)
