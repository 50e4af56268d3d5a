"""The words of OCPP 1.6 for cases of a station: keys, connector states, and sessions step by step."""

from collections.abc import Sequence
from typing import Any

from conformance.stations.csms import Came, Csms
from conformance.stations.hand import Hand

TAG = "04A1B2C3D4"
OTHER = "04FFEEDD00"
ACCEPTED = {"status": "Accepted"}


async def change(csms: Csms, key: str, value: str) -> str:
    """Change a configuration key; gives the status."""
    return str((await csms.call("ChangeConfiguration", key=key, value=value))["status"])


async def configure(csms: Csms, **values: Any) -> None:
    """Bring keys to values before a case; each must be taken or be so."""
    for key, value in values.items():
        text = str(value).lower() if isinstance(value, bool) else str(value)
        status = await change(csms, key, text)
        if status != "Accepted" and (await read(csms, key)).get("value") != text:
            raise AssertionError(f"{key} could not be set to {text!r}: {status}")


async def read(csms: Csms, key: str) -> dict[str, Any]:
    """Read one key; an empty entry where the station lacks it."""
    answer = await csms.call("GetConfiguration", key=[key])
    return next((dict(entry) for entry in answer.get("configurationKey", [])), {})


async def configuration(csms: Csms, *keys: str) -> dict[str, dict[str, Any]]:
    """Read some keys, or all; gives what is known of them by key."""
    answer = await csms.call("GetConfiguration", {"key": list(keys)} if keys else {})
    found = {one["key"]: one for one in answer.get("configurationKey", [])}
    assert len(found) == len(answer.get("configurationKey", [])), "a key was told twice"
    return found


async def connector(
    csms: Csms, status: str | set[str], connector_id: int = 1, *, after: Came | None = None, **fields: Any
) -> Came:
    """Wait until a connector was reported so."""
    return await csms.expect("StatusNotification", after=after, connectorId=connector_id, status=status, **fields)


async def all_connectors(csms: Csms, status: str = "Available") -> None:
    """The station and all its connectors were reported so."""
    for number in (0, 1, 2):
        await connector(csms, status, number)


async def rebooted(csms: Csms, station: Hand) -> Came:
    """Wait until the station has restarted and booted."""
    return await station.meanwhile(csms.expect("BootNotification"))


async def send_list(csms: Csms, version: int, *tags: str, kind: str = "Full", info: Any = None) -> str:
    """Send a local list in which all tags are accepted, or as said; gives the status."""
    entries = [{"idTag": tag, "idTagInfo": info or ACCEPTED} for tag in tags]
    answer = await csms.call("SendLocalList", listVersion=version, updateType=kind, localAuthorizationList=entries)
    return str(answer["status"])


class Session:
    """A driver at one connector: each step does it and takes what the station must say."""

    def __init__(self, csms: Csms, station: Hand, *, connector_id: int = 1, tag: str = TAG) -> None:
        self.csms = csms
        self.station = station
        self.connector_id = connector_id
        self.tag = tag
        self.id = 0
        """The transaction's, once it was started."""
        self.is_plugged = False
        self.is_authorized = False

    async def status(self, status: str | set[str], **more: Any) -> Came:
        """The connector was reported so."""
        return await connector(self.csms, status, self.connector_id, **more)

    async def plugged(self) -> None:
        """Connect the vehicle."""
        self.station.plug(self.connector_id)
        self.is_plugged = True
        if not self.is_authorized:
            await self.status("Preparing")

    async def presented(self, answer: dict[str, Any] | None = None, tag: str = "") -> None:
        """Hold the card, or another one, to the reader; the CSMS is asked, and answers as given."""
        if answer is not None:
            self.csms.will_answer("Authorize", {"idTagInfo": answer})
        self.station.present(tag or self.tag, self.connector_id)
        await self.csms.expect("Authorize", idTag=tag or self.tag)

    async def authorized(self, **info: Any) -> None:
        """The card is accepted."""
        await self.presented(ACCEPTED | info)
        self.is_authorized = True
        if not self.is_plugged:
            await self.status("Preparing")

    async def remote_started(self, status: str = "Accepted", **fields: Any) -> None:
        """Start remotely."""
        asked = {"idTag": self.tag, "connectorId": self.connector_id} | fields
        answer = await self.csms.call("RemoteStartTransaction", asked)
        assert answer["status"] == status
        self.is_authorized = status == "Accepted"

    async def started(self, **fields: Any) -> Came:
        """The transaction began."""
        start = await self.csms.expect(
            "StartTransaction", connectorId=self.connector_id, idTag=self.tag, meterStart=..., **fields
        )
        await self.csms.settle()
        assert start.answer is not None
        self.id = start.answer["transactionId"]
        return start

    async def charging(self) -> Came:
        """Whatever is missing is done, in the order plug, card; energy flows; gives the start."""
        if not self.is_plugged:
            await self.plugged()
        if not self.is_authorized:
            await self.authorized()
        start = await self.started()
        await self.energy()
        return start

    async def energy(self) -> None:
        """Energy flows: the connector is reported so."""
        await self.csms.settle()
        if not list(self.csms.untaken("StatusNotification", connectorId=self.connector_id, status="Charging")):
            await self.station.pass_time(12)
        await self.status("Charging")

    async def stopped(self, **fields: Any) -> Came:
        """The transaction ended."""
        stop = await self.csms.expect("StopTransaction", transactionId=self.id, meterStop=..., **fields)
        await self.csms.settle()
        return stop

    async def presented_to_stop(self) -> Came:
        """The same card again."""
        self.station.present(self.tag, self.connector_id)
        self.is_authorized = False
        return await self.stopped(reason={None, "Local"})

    async def done(self) -> Came:
        """From charging to a free connector; gives the end."""
        stop = await self.presented_to_stop()
        await self.status("Finishing")
        await self.unplugged()
        return stop

    async def not_started(self) -> None:
        """No transaction has begun."""
        await self.csms.none("StartTransaction")

    async def unplugged(self) -> None:
        """Disconnect; the connector is free."""
        self.station.unplug(self.connector_id)
        self.is_plugged = False
        await self.status("Available")

    async def remote_stopped(self, status: str = "Accepted") -> None:
        """Stop remotely."""
        answer = await self.csms.call("RemoteStopTransaction", transactionId=self.id)
        assert answer["status"] == status


def broken_transactions(calls: Sequence[Came]) -> list[str]:
    """What is wrong with the transactions: ends without a begin, two ends, energy or time that is lost."""
    found = []
    starts = {c.answer["transactionId"]: c for c in calls if c.action == "StartTransaction" and c.answer}
    ends: dict[int, dict[str, Any]] = {}
    for stop in (c for c in calls if c.action == "StopTransaction"):
        number = stop["transactionId"]
        start = starts.get(number)
        if start is None:
            found.append(f"StopTransaction of {number}, which was not started")
            continue
        if stop["meterStop"] < start["meterStart"]:
            found.append(f"transaction {number} ended below its begin")
        if stop["timestamp"] < start["timestamp"]:
            found.append(f"transaction {number} ended before it began")
        if ends.setdefault(number, stop.payload) != stop.payload:
            found.append(f"transaction {number} ended in two ways")
    return found
