"""Charging profiles on the wire, in the words of each version, and a station to hold them."""

import msgspec

from support.station_line import V16, Line
from voltherd.ocpp.frames import CallResult, encode_call
from voltherd.station import EvseConfig

AC22 = EvseConfig(max_power_w=22_080.0)
TWO = (AC22, AC22)


class ProfileLine(Line):
    """A line that knows how its version writes charging profiles."""

    def __init__(self, version, **config):
        config.setdefault("evses", TWO)
        super().__init__(version, **config)
        self._asked = 0
        self.connect()

    def ask(self, action, payload, now=None):
        """Send a request of the CSMS, each with an id of its own, so that it may be asked again."""
        self.now = self.now if now is None else now
        self._asked += 1
        message_id = f"q{self._asked}"
        self.core.receive(encode_call(message_id, action, msgspec.json.encode(payload)), self.now)
        self.pump()
        frame = self.answers[message_id]
        return msgspec.json.decode(frame.payload) if isinstance(frame, CallResult) else frame

    @property
    def is_v16(self):
        return self.version is V16

    def at(self, seconds):
        """A timestamp so many seconds from now."""
        return self.core.clock.text(self.now + seconds)

    def transaction_id(self, evse_id=1):
        """The id of the running transaction on the wire."""
        running = self.core.evses[evse_id].transaction
        return running.csms_id if self.is_v16 else running.id

    def profile(self, *periods, id=1, purpose="TxDefaultProfile", kind="Absolute", level=0, unit="A", start=0, **more):  # noqa: A002
        """A profile; `periods` are (start, limit) or objects, `start` is seconds from now."""
        made = [p if isinstance(p, dict) else {"startPeriod": p[0], "limit": p[1]} for p in periods or ((0, 16.0),)]
        schedule = {"chargingRateUnit": unit, "chargingSchedulePeriod": made}
        if kind in ("Absolute", "Recurring"):
            schedule["startSchedule"] = self.at(start)
        for key in ("duration", "minChargingRate", "randomizedDelay", "useLocalTime", "limitAtSoC"):
            if key in more:
                schedule[key] = more.pop(key)
        if self.is_v16:
            purpose = {"ChargingStationMaxProfile": "ChargePointMaxProfile"}.get(purpose, purpose)
        head = {"stackLevel": level, "chargingProfilePurpose": purpose, "chargingProfileKind": kind, **more}
        if self.is_v16:
            return {"chargingProfileId": id, **head, "chargingSchedule": schedule}
        return {"id": id, **head, "chargingSchedule": [{"id": id, **schedule}]}

    def send(self, profile, evse_id=1):
        """Install a profile as it is; gives the answer."""
        if self.is_v16:
            return self.ask("SetChargingProfile", {"connectorId": evse_id, "csChargingProfiles": profile})
        return self.ask("SetChargingProfile", {"evseId": evse_id, "chargingProfile": profile})

    def install(self, *periods, evse_id=1, **more):
        """Install a profile, which must be taken."""
        answer = self.send(self.profile(*periods, **more), evse_id)
        assert answer["status"] == "Accepted", answer

    def refusal_of(self, *periods, evse_id=1, **more):
        """Have a profile refused; gives the reason (None in 1.6, which has none)."""
        answer = self.send(self.profile(*periods, **more), evse_id)
        assert answer["status"] == "Rejected"
        return answer["statusInfo"]["reasonCode"] if not self.is_v16 else None

    def clear(self, **criteria):
        """Clear profiles; gives the status. `id`, `evse_id`, `purpose`, `level`."""
        names = {"evse_id": "evseId", "purpose": "chargingProfilePurpose", "level": "stackLevel"}
        if self.is_v16:
            names |= {"evse_id": "connectorId", "id": "id"}
            return self.ask("ClearChargingProfile", {names[key]: value for key, value in criteria.items()})["status"]
        if "id" in criteria:
            return self.ask("ClearChargingProfile", {"chargingProfileId": criteria["id"]})["status"]
        wanted = {names[key]: value for key, value in criteria.items()}
        return self.ask("ClearChargingProfile", {"chargingProfileCriteria": wanted} if wanted else {})["status"]

    def composite(self, evse_id=1, duration=600, unit="A"):
        """The composite schedule as (second, limit)."""
        answer = self.composite_answer(evse_id, duration, unit)
        assert answer["status"] == "Accepted", answer
        schedule = answer["chargingSchedule" if self.is_v16 else "schedule"]
        assert schedule["duration"] == duration
        assert schedule["chargingRateUnit"] == unit
        return [(period["startPeriod"], period["limit"]) for period in schedule["chargingSchedulePeriod"]]

    def composite_answer(self, evse_id=1, duration=600, unit="A"):
        key = "connectorId" if self.is_v16 else "evseId"
        return self.ask("GetCompositeSchedule", {key: evse_id, "duration": duration, "chargingRateUnit": unit})

    def offered_a(self, evse_id=1):
        """The current per phase that an EVSE offers."""
        return round(self.core.evses[evse_id].offer.charge_limit_w / 690, 3)

    def state(self, evse_id=1):
        """What goes on at an EVSE, in the words of 2.x."""
        return self.core.evses[evse_id].charging_state

    def found(self, **criteria):
        """The profiles that GetChargingProfiles reports: (evse, source, profile)."""
        self.heard.clear()
        wanted = {"requestId": 7, "chargingProfile": criteria}
        if "evseId" in criteria:
            wanted["evseId"] = criteria.pop("evseId")
        status = self.ask("GetChargingProfiles", wanted)["status"]
        parts = self.of("ReportChargingProfiles")
        assert (status == "Accepted") is bool(parts)
        assert all(part["requestId"] == 7 for part in parts)
        assert [part["tbc"] for part in parts] == [True] * (len(parts) - 1) + [False] * bool(parts)
        return [(part["evseId"], part["chargingLimitSource"], one) for part in parts for one in part["chargingProfile"]]

    def events(self, trigger):
        """The TransactionEvents of that trigger."""
        return [event for event in self.of("TransactionEvent") if event["triggerReason"] == trigger]

    def set_variable(self, variable, value, component="SmartChargingCtrlr", instance=None):
        """Set a variable of the device model, which must be taken."""
        name = {"name": variable} | ({"instance": instance} if instance else {})
        wanted = {"component": {"name": component}, "variable": name, "attributeValue": value}
        answer = self.ask("SetVariables", {"setVariableData": [wanted]})
        assert answer["setVariableResult"][0]["attributeStatus"] == "Accepted", answer
