"""Settings that operators change while the system runs: typed, with defaults, kept in the store and in memory."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar, Literal, TypeVar, cast

import msgspec
from msgspec import Meta, Struct

from voltherd.domain.access import AuditEntry
from voltherd.domain.access import Setting as SettingRecord
from voltherd.domain.contract_certificate import check_roots
from voltherd.domain.errors import NotFound
from voltherd.domain.station import DEFAULT_TENANT
from voltherd.domain.v2x import EnergyTransferMode
from voltherd.domain.web_payment import check_template
from voltherd.services.ports import Journal, Records, Removed

Days = Annotated[int, Meta(ge=1, le=36_500)]
Url = Annotated[str, Meta(pattern=r"^https?://[^\s/]+\S*$", max_length=2048)]
Price = Annotated[str, Meta(pattern=r"^\d{1,6}(\.\d{1,6})?$")]
"""Money as decimal text: never a binary fraction."""
Percent = Annotated[str, Meta(pattern=r"^\d{1,2}(\.\d{1,4})?$")]


class Setting(Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Base of all settings."""

    secrets: ClassVar[tuple[str, ...]] = ()
    """Fields that are neither shown nor put into the audit log."""


MASK = "***"


def without_secrets(value: "S") -> "S":
    """Give a setting as it may be shown."""
    masks: dict[str, Any] = {name: MASK for name in value.secrets if getattr(value, name)}
    return msgspec.structs.replace(value, **masks) if masks else value


class Onboarding(Setting, frozen=True):
    """What happens to a station that nobody announced: refused, put in the waiting room, or taken in."""

    unknown_stations: Literal["refuse", "pending", "accept"] = "refuse"


class Retention(Setting, frozen=True):
    """For how many days records are kept; null keeps them for ever."""

    messages_days: Days | None = 28
    meter_samples_days: Days | None = 400
    status_intervals_days: Days | None = 5 * 366
    station_events_days: Days | None = 366
    """Events that stations report, security events and values of event streams."""


class Connecting(Setting, frozen=True):
    """What follows when stations connect."""

    trigger_boot: Literal["never", "unknown", "always"] = "unknown"
    """Whom to ask for a BootNotification that does not come: nobody, stations that never sent one, all."""
    trigger_boot_after_s: Annotated[int, Meta(ge=1, le=3600)] = 5
    resend_availability: bool = False
    """Whether a station that comes back from a start otherwise than it was left is asked again."""
    admissions_per_s: Annotated[int, Meta(ge=1, le=100_000)] | None = None
    """New connections taken per second, on average over 10 s; the others are told to come back. null: all."""


class Authorization(Setting, frozen=True):
    """Who decides on tokens beside our records: a web service that is asked while the station waits; master pass."""

    secrets: ClassVar[tuple[str, ...]] = ("webhook_secret",)
    webhook_url: Url | None = None
    """Asked by POST; null: our records decide alone."""
    webhook_secret: Annotated[str, Meta(max_length=255, pattern=r"^[\x21-\x7e]*$")] | None = None
    """Sent as `Authorization: Bearer <secret>`; shown as `***`."""
    timeout_s: Annotated[float, Meta(gt=0, le=30)] = 3.0
    ask: Literal["undecided", "always"] = "undecided"
    """Of tokens that our records do not know, or of all."""
    on_failure: Literal["accept", "refuse", "by-record"] = "by-record"
    """What holds where the service gives no usable answer in time."""
    master_pass_group: Annotated[str, Meta(min_length=1, max_length=255)] | None = None
    """Tokens of this group end sessions of others and begin none (C16)."""
    contract_roots: Annotated[str, Meta(max_length=65_536)] | None = None
    """Root certificates (PEM) of contracts that stations leave to us to check (C07.FR.06)."""

    def __post_init__(self) -> None:
        """Raise ValueError, which becomes an error of validation."""
        if self.contract_roots is not None:
            check_roots(self.contract_roots)


class LocalLists(Setting, frozen=True):
    """Whether stations' local authorisation lists follow our tokens by themselves, and how long they may be."""

    keep_in_step: bool = False
    max_entries: Annotated[int, Meta(ge=1, le=100_000)] = 1000


class WebPayments(Setting, frozen=True):
    """Dynamic QR codes with which drivers pay on a web page (2.1 C25); the stations have the same values.

    They are given to stations as variables of their component WebPaymentsCtrlr.
    """

    secrets: ClassVar[tuple[str, ...]] = ("shared_secret",)
    url_template: Url | None = None
    """Such as `https://pay.example/{chargingstationid}/{evse}/{totp}/{version}`."""
    shared_secret: Annotated[str, Meta(pattern=r"^(\*\*\*|.{16,255})$")] | None = None
    """At least 16 characters; shown as `***`."""
    validity_time_s: Annotated[int, Meta(ge=6, le=3600)] = 30
    length: Annotated[int, Meta(ge=6, le=64)] = 8

    def __post_init__(self) -> None:
        """Raise ValueError, which becomes an error of validation."""
        if self.url_template is not None:
            check_template(self.url_template)


class Iso15118(Setting, frozen=True):
    """Plug and Charge: where contract certificates are provisioned, and what happens when OCSP gives no answer."""

    provisioning_service_url: Url | None = None
    provisioning_timeout_s: Annotated[float, Meta(gt=0, le=60)] = 4.5
    """An EV waits for 5 s in all (ISO 15118-2)."""
    ocsp_policy: Literal["require", "prefer", "skip"] = "require"
    ocsp_timeout_s: Annotated[float, Meta(gt=0, le=60)] = 4.0
    """For all responders of one message together."""
    ocsp_responders: Annotated[tuple[str, ...], Meta(max_length=1000)] = ()
    """Hosts that may be asked, also within the own network. Empty: every one outside."""


class Pricing(Setting, frozen=True):
    """A flat price for all sessions, without tax, and how drivers are told of it. Off by default."""

    enabled: bool = False
    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}$")] = "EUR"
    energy_per_kwh: Price = "0"
    per_minute: Price = "0"
    """Of the whole session, from its begin to its end."""
    per_session: Price = "0"
    tax_percent: Percent = "0"
    tell_tariff: bool = True
    """Show drivers the tariff in words when they identify themselves, and when it changes (I01, I06)."""
    tariff_text: Annotated[str, Meta(max_length=512)] = ""
    """Words of your own; empty: made from the prices."""
    language: Annotated[str, Meta(max_length=8)] = "en"
    running_cost: Literal["answer", "cost-updated", "off"] = "answer"
    """How the cost so far is told: in answers to events, by CostUpdated, or not (I02)."""
    running_cost_interval_s: Annotated[int, Meta(ge=10, le=86_400)] = 60
    """At most so often by CostUpdated."""
    local_cost: bool = False
    """Hand the tariff to 2.1 stations that calculate the cost themselves, with the authorisation (I08)."""
    receipt_url: Annotated[str, Meta(pattern=r"^(https?://[^\s/]+\S*)?$", max_length=1900)] = ""
    """Where drivers find a receipt; `{receipt_id}` in it is replaced. Told where the terminal has none of its own."""


class V2x(Setting, frozen=True):
    """Which kinds of energy transfer drivers and vehicles may use; 2.1 stations that can do V2X are told (Q01)."""

    allowed_energy_transfer: tuple[EnergyTransferMode, ...] = ()
    """For everyone; empty: not known when they identify themselves, so nothing is said (Q01.FR.08)."""
    by_group: dict[str, tuple[EnergyTransferMode, ...]] = msgspec.field(default_factory=dict)
    """For the tokens of a group."""
    by_token: dict[str, tuple[EnergyTransferMode, ...]] = msgspec.field(default_factory=dict)
    """For a token, such as a vehicle's EVCCID; counts before that of its group."""


class Diagnostics(Setting, frozen=True):
    """Logs and event streams: where stations reach this server with files, and which streams they may open."""

    upload_base_url: Url | None = None
    """Such as `https://csms.example`: how stations reach the API; null: logs can only go elsewhere."""
    unknown_event_streams: Literal["accept", "refuse"] = "accept"
    """Streams of monitors that are not known here, such as those that a manufacturer made."""


SETTINGS: dict[str, type[Setting]] = {
    "diagnostics": Diagnostics,
    "authorization": Authorization,
    "connecting": Connecting,
    "iso15118": Iso15118,
    "local_lists": LocalLists,
    "onboarding": Onboarding,
    "pricing": Pricing,
    "retention": Retention,
    "v2x": V2x,
    "web_payments": WebPayments,
}
_NAMES = {kind: name for name, kind in SETTINGS.items()}

S = TypeVar("S", bound=Setting)


class Settings:
    """The settings of all tenants; reading never waits."""

    def __init__(
        self,
        records: Records,
        journal: Journal,
        *,
        ids: Callable[[], int],
        clock_ms: Callable[[], int],
        defaults: tuple[Setting, ...] = (),
    ) -> None:
        """`defaults` replace the built-in ones, for example with what the configuration says."""
        self._records, self._journal = records, journal
        self._ids, self._clock_ms = ids, clock_ms
        self._defaults: dict[type[Setting], Setting] = {kind: kind() for kind in SETTINGS.values()}
        self._defaults.update({type(default): default for default in defaults})
        self._values: dict[tuple[int, type[Setting]], Setting] = {}
        self._changing = asyncio.Lock()
        self._watchers: dict[type[Setting], list[Callable[[Any], None]]] = {}

    async def load(self, tenant_id: int = DEFAULT_TENANT) -> None:
        """Read what is stored; what cannot be understood any more falls back to the default."""
        for name, kind in SETTINGS.items():
            stored = await self._records.setting(tenant_id, name)
            if stored is not None:
                try:
                    self._values[tenant_id, kind] = msgspec.json.decode(stored.value, type=kind)
                except msgspec.ValidationError:
                    continue
            self._tell(self.get(kind, tenant_id=tenant_id))

    def watch(self, kind: type[S], callback: Callable[[S], None]) -> None:
        """Call back with the value on `load` and whenever it is changed (default tenant)."""
        self._watchers.setdefault(kind, []).append(callback)

    def get(self, kind: type[S], *, tenant_id: int = DEFAULT_TENANT) -> S:
        """Give the value of a setting."""
        return cast("S", self._values.get((tenant_id, kind), self._defaults[kind]))

    @staticmethod
    def kind(name: str) -> type[Setting]:
        """Give the type of a setting by its name. Raises NotFound, naming the known ones."""
        kind = SETTINGS.get(name)
        if kind is None:
            raise NotFound(f"There is no setting {name!r}; there are {', '.join(sorted(SETTINGS))}.")
        return kind

    async def change(self, kind: type[S], fields: Mapping[str, Any], *, who: str, tenant_id: int = DEFAULT_TENANT) -> S:
        """Set some fields of a setting, the others keep their value; gives the whole.

        Raises msgspec.ValidationError.
        """
        async with self._changing:
            present = self.get(kind, tenant_id=tenant_id)
            kept = {name: item for name, item in fields.items() if not (name in kind.secrets and item == MASK)}
            value = msgspec.convert({**msgspec.to_builtins(present), **kept}, kind)
            await self._put(value, who=who, tenant_id=tenant_id)
            return value

    async def put(self, value: Setting, *, who: str, tenant_id: int = DEFAULT_TENANT) -> None:
        """Replace a setting as a whole; it holds once it is stored."""
        async with self._changing:
            await self._put(value, who=who, tenant_id=tenant_id)

    async def _put(self, value: Setting, *, who: str, tenant_id: int) -> None:
        kind = type(value)
        record = SettingRecord(
            tenant_id=tenant_id, name=_NAMES[kind], value=_json(value), updated_at_ms=self._clock_ms()
        )
        before = self.get(kind, tenant_id=tenant_id)
        await self._journal.committed([record, self._entry("change", before, value, who, tenant_id)])
        self._values[tenant_id, kind] = value
        if tenant_id == DEFAULT_TENANT:
            self._tell(value)

    async def reset(self, kind: type[Setting], *, who: str, tenant_id: int = DEFAULT_TENANT) -> None:
        """Forget what was set, so that the configuration's value holds again, now and after the next start."""
        async with self._changing:
            record = SettingRecord(tenant_id=tenant_id, name=_NAMES[kind], value="", updated_at_ms=0)
            before, after = self.get(kind, tenant_id=tenant_id), self._defaults[kind]
            await self._journal.committed([Removed(record), self._entry("reset", before, after, who, tenant_id)])
            self._values.pop((tenant_id, kind), None)
            if tenant_id == DEFAULT_TENANT:
                self._tell(after)

    def _entry(self, what: str, before: Setting, after: Setting, who: str, tenant_id: int) -> AuditEntry:
        return AuditEntry(
            id=self._ids(),
            tenant_id=tenant_id,
            at_ms=self._clock_ms(),
            who=who,
            what=what,
            entity=f"setting {_NAMES[type(after)]}",
            before=_json(without_secrets(before)),
            after=_json(without_secrets(after)),
        )

    def _tell(self, value: Setting) -> None:
        for callback in self._watchers.get(type(value), ()):
            callback(value)


def _json(value: Setting) -> str:
    return msgspec.json.encode(value).decode()
