"""An exact model of what a CSMS ends with: sessions as messages tell them, each once however often."""

from typing import Any

from support.station_line import V16


class Books:
    """Takes transaction messages as a CSMS that answers repetitions with its first answer and counts nothing twice.

    Attributes:
        sessions: by the id that station and CSMS use: the register at the start and at the end (None while open).
        faults: what no CSMS could make sense of.
    """

    def __init__(self, version: Any) -> None:
        self.version = version
        self.sessions: dict[Any, list[int | None]] = {}
        self.faults: list[str] = []
        self._starts: dict[tuple[Any, ...], int] = {}
        self._seen: dict[str, dict[int, dict[str, Any]]] = {}

    def answers(self) -> dict[str, Any]:
        """What to answer, by action."""
        if self.version is V16:
            return {"StartTransaction": self._start, "StopTransaction": self._stop, "MeterValues": self._values}
        return {"TransactionEvent": self._event}

    # 1.6 -------------------------------------------------------------------------------------

    def _start(self, told: dict[str, Any]) -> dict[str, Any]:
        key = (told["connectorId"], told["idTag"], told["timestamp"], told["meterStart"])
        number = self._starts.setdefault(key, len(self._starts) + 100)
        self.sessions.setdefault(number, [told["meterStart"], None])
        return {"idTagInfo": {"status": "Accepted"}, "transactionId": number}

    def _stop(self, told: dict[str, Any]) -> dict[str, Any]:
        session = self.sessions.get(told["transactionId"])
        if session is None:
            self.faults.append(f"{told['transactionId']} was stopped and never started")
        elif session[1] not in (None, told["meterStop"]):
            self.faults.append(f"{told['transactionId']} was stopped twice: {session[1]} and {told['meterStop']}")
        else:
            session[1] = told["meterStop"]
        return {}

    def _values(self, told: dict[str, Any]) -> dict[str, Any]:
        if told.get("transactionId") is not None and told["transactionId"] not in self.sessions:
            self.faults.append(f"readings of {told['transactionId']}, which never started")
        return {}

    # 2.x -------------------------------------------------------------------------------------

    def _event(self, told: dict[str, Any]) -> dict[str, Any]:
        name = told["transactionInfo"]["transactionId"]
        seen, told = self._seen.setdefault(name, {}), {k: v for k, v in told.items() if k != "offline"}
        before = seen.setdefault(told["seqNo"], told)
        if before != told:
            self.faults.append(f"{name} used seqNo {told['seqNo']} twice")
        if told["eventType"] == "Started":
            self.sessions.setdefault(name, [_register(told), None])
        elif name not in self.sessions:
            self.faults.append(f"{name} goes on and never started")
        elif told["eventType"] == "Ended":
            self.sessions[name][1] = _register(told)
        return {"idTokenInfo": {"status": "Accepted"}} if "idToken" in told else {}

    def gaps(self) -> list[str]:
        """The transactions of which a number is missing (2.x)."""
        return [name for name, seen in self._seen.items() if sorted(seen) != list(range(len(seen)))]


def _register(told: dict[str, Any]) -> int:
    [value] = [
        sample["value"]
        for sample in told["meterValue"][-1]["sampledValue"]
        if sample["measurand"] == "Energy.Active.Import.Register"
    ]
    return round(value)
