"""Charging profiles: limits over time, who set them and where they are in force (functional block K)."""

from typing import Any, ClassVar, Literal

from msgspec import Struct, field

from voltherd.domain.charging_needs import ChargingNeeds
from voltherd.domain.charging_schedule import ChargingProfile, ChargingSchedule, Purpose, RateUnit, ScheduleUpdate
from voltherd.domain.charging_schedule import SchedulePeriod as SchedulePeriod
from voltherd.domain.commands import Command
from voltherd.domain.document import Document
from voltherd.domain.events import Fact
from voltherd.domain.station import DEFAULT_TENANT

PROFILE_EXAMPLE: dict[str, Any] = {
    "id": 12,
    "stackLevel": 0,
    "chargingProfilePurpose": "TxDefaultProfile",
    "chargingProfileKind": "Absolute",
    "chargingSchedule": [
        {
            "id": 1,
            "startSchedule": "2026-01-05T12:00:00.000Z",
            "chargingRateUnit": "A",
            "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 16.0}, {"startPeriod": 3600, "limit": 10.0}],
        }
    ],
}
MAX_PROFILE_ID = 0x7FFF_FFFF
PARTS_FROM = 0x6000_0000
"""Ids from here on are ours: copies of a profile for single connectors (interop trap 36)."""
DEFAULT_VOLTAGE_V = 230.0


class SetChargingProfile(Command, kw_only=True):
    """Install a charging profile, or replace the one of the same id.

    `profile` is a ChargingProfileType of 2.x for every version. A TxProfile goes with `transaction_id` (the record's
    id or the id on the wire) or with the session that is open on the EVSE. Where a station takes only watts or only
    amperes, limits are converted by `voltage_v` and the periods' phases. An absolute schedule that starts about now
    starts a little in the past, unless `exact`. With `verify` the composite schedule is asked for afterwards.
    """

    name = "set-charging-profile"
    summary = "Install a charging profile"
    example: ClassVar[dict[str, Any]] = {"evse_id": 1, "profile": PROFILE_EXAMPLE}
    profile: ChargingProfile
    evse_id: int | None = None
    transaction_id: str | None = None
    voltage_v: float = DEFAULT_VOLTAGE_V
    exact: bool = False
    verify: bool = False


class ClearChargingProfile(Command, kw_only=True):
    """Remove charging profiles: one by its id, or all that match EVSE, purpose and stack level."""

    name = "clear-charging-profile"
    summary = "Remove charging profiles"
    example: ClassVar[dict[str, Any]] = {"evse_id": 1, "purpose": "TxDefaultProfile", "stack_level": 0}
    profile_id: int | None = None
    evse_id: int | None = None
    purpose: Purpose | None = None
    stack_level: int | None = None


class GetChargingProfiles(Command, kw_only=True):
    """Ask which profiles are installed: by ids, or by purpose, stack level and source. Nothing named: all there are."""

    name = "get-charging-profiles"
    summary = "Ask for installed charging profiles"
    example: ClassVar[dict[str, Any]] = {"evse_id": 1, "purpose": "TxDefaultProfile"}
    evse_id: int | None = None
    profile_ids: list[int] = field(default_factory=list)
    purpose: Purpose | None = None
    stack_level: int | None = None
    limit_sources: list[str] = field(default_factory=list)


class GetCompositeSchedule(Command, kw_only=True):
    """Ask which limit all installed profiles add up to on an EVSE; EVSE 0 is the station's grid connection."""

    name = "get-composite-schedule"
    summary = "Ask for the composite schedule"
    example: ClassVar[dict[str, Any]] = {"evse_id": 1, "duration_s": 3600, "unit": "A"}
    evse_id: int
    duration_s: int
    unit: RateUnit | None = None


class UsePriorityCharging(Command, kw_only=True):
    """Switch priority charging of a session on or off (2.1).

    `transaction_id` is the record's id or that on the wire.
    """

    name = "use-priority-charging"
    summary = "Switch priority charging on or off"
    example: ClassVar[dict[str, Any]] = {"transaction_id": "1757419000001234", "activate": True}
    transaction_id: str
    activate: bool


class UpdateDynamicSchedule(Command, kw_only=True):
    """Set the current values of a dynamic profile (2.1)."""

    name = "update-dynamic-schedule"
    summary = "Set the values of a dynamic profile"
    example: ClassVar[dict[str, Any]] = {"profile_id": 12, "update": {"limit": 11000.0}}
    profile_id: int
    update: ScheduleUpdate


class InstalledProfile(Document, kw_only=True):
    """A charging profile at a station.

    `status` is `intended` (sent, not answered), `installed` (accepted), `reported` (the station named it), `cleared` or
    `rejected`. `verified` once a report, a composite schedule or the vehicle's own plan showed that it is in force.
    """

    kind = "installed-profiles"
    title = "installed charging profile"
    example: ClassVar[dict[str, Any]] = {
        "state": "installed",
        "evse_no": 1,
        "profile_id": 12,
        "purpose": "TxDefaultProfile",
        "stack_level": 0,
        "profile_kind": "Absolute",
        "transaction_id": "",
        "profile": PROFILE_EXAMPLE,
        "wanted": None,
        "wanted_evse_id": None,
        "source": "ours",
        "limit_source": "CSO",
        "part_of": None,
        "remote_start_id": None,
        "verified": False,
        "verified_by": "",
        "finding": "",
        "reason": "",
    }
    profile_id: int
    purpose: str
    stack_level: int
    profile_kind: str
    transaction_id: str = ""
    profile: ChargingProfile
    wanted: ChargingProfile | None = None
    """What was sent and not answered yet, where an installed one is to be replaced."""
    wanted_evse_id: int | None = None
    source: Literal["ours", "raw", "reported"] = "ours"
    """Who brought it: a command of ours, a raw call, or the station told of it first."""
    limit_source: str = "CSO"
    part_of: int | None = None
    """Id of the profile that this is the copy of, for one connector (interop trap 36)."""
    remote_start_id: int | None = None
    """Of the remote start that it came with (K05); it waits as `intended` for the session that begins."""
    verified: bool = False
    verified_by: str = ""
    finding: str = ""
    """What contradicts it, such as a composite schedule above its limit."""
    reason: str = ""
    """Why the station refused it, in the station's words."""

    @property
    def key(self) -> str:
        """The id on the wire."""
        return str(self.profile_id)

    @property
    def in_force(self) -> bool:
        """Whether the station has it, as far as is known."""
        return self.state in ("installed", "reported")


class ChargingLimit(Document, kw_only=True):
    """A limit that comes from outside: an energy management system, a grid operator, or priority charging.

    `status` is `active` or `cleared`. It is a constraint of everything that is planned for the EVSE.
    """

    kind = "charging-limits"
    title = "charging limit"
    example: ClassVar[dict[str, Any]] = {
        "state": "active",
        "evse_no": 1,
        "source": "EMS",
        "transaction_id": "",
        "is_grid_critical": True,
        "is_local_generation": None,
        "schedules": PROFILE_EXAMPLE["chargingSchedule"],
        "notified_at_ms": 1_767_614_400_000,
        "cleared_at_ms": None,
    }
    source: str
    transaction_id: str = ""
    is_grid_critical: bool | None = None
    is_local_generation: bool | None = None
    schedules: list[ChargingSchedule] = field(default_factory=list)
    notified_at_ms: int | None = None
    cleared_at_ms: int | None = None

    @property
    def key(self) -> str:
        """Source and EVSE; priority charging belongs to a transaction."""
        return f"{self.source}|{self.transaction_id or self.evse_no}"


class CompositeSchedule(Document, kw_only=True):
    """The composite schedule that a station answered with last, per EVSE (`reported`)."""

    kind = "composite-schedules"
    title = "composite schedule"
    example: ClassVar[dict[str, Any]] = {
        "state": "reported",
        "evse_no": 1,
        "start": "2026-01-05T12:00:00.000Z",
        "duration_s": 3600,
        "charging_rate_unit": "A",
        "periods": [{"startPeriod": 0, "limit": 16.0}],
        "received_at_ms": 1_767_614_400_000,
    }
    start: str
    """As the station wrote it."""
    duration_s: int | None
    charging_rate_unit: RateUnit
    periods: list[SchedulePeriod]
    received_at_ms: int

    @property
    def key(self) -> str:
        """The EVSE."""
        return str(self.evse_no)


class ProfileTemplate(Document, kw_only=True):
    """A named charging profile of the tenant; belongs to no station."""

    kind = "charging-profiles"
    title = "charging profile"
    state: str = "stored"
    tenant_id: int = DEFAULT_TENANT
    name: str
    profile: ChargingProfile

    @property
    def key(self) -> str:
        """Tenant and id on the wire: rows of no station share one space of keys."""
        return f"{self.tenant_id}/{self.profile.id}"


class ProfileShown(Fact, frozen=True):
    """Something showed that a profile is in force, or that it is not."""

    profile_id: int
    how: str
    obeyed: bool = True


class PriorityNotified(Fact, frozen=True):
    """A station told that priority charging is on or off for a transaction."""

    transaction_id: str
    activated: bool


class Criteria(Struct, frozen=True, kw_only=True):
    """Which profiles are meant: by a command, in a report."""

    profile_ids: tuple[int, ...] = ()
    evse_no: int | None = None
    purpose: str | None = None
    stack_level: int | None = None
    limit_sources: tuple[str, ...] = ()

    def match(self, item: InstalledProfile) -> bool:
        """Whether a profile is among those meant."""
        if self.profile_ids:
            return item.profile_id in self.profile_ids and self.evse_no in (None, item.evse_no)
        return (
            self.evse_no in (None, item.evse_no)
            and self.purpose in (None, item.purpose)
            and self.stack_level in (None, item.stack_level)
            and (not self.limit_sources or item.limit_source in self.limit_sources)
        )


COMMANDS: tuple[type[Command], ...] = (
    SetChargingProfile,
    ClearChargingProfile,
    GetChargingProfiles,
    GetCompositeSchedule,
    UsePriorityCharging,
    UpdateDynamicSchedule,
)
DOCUMENTS: tuple[type[Document], ...] = (InstalledProfile, ChargingLimit, CompositeSchedule, ChargingNeeds)
