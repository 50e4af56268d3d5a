"""Settings that operators change while the system runs: typed, with defaults, kept in the store and in memory."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal, TypeVar, cast

import msgspec
from msgspec import Meta, Struct

from voltherd.domain.access import AuditEntry
from voltherd.domain.access import Setting as SettingRecord
from voltherd.domain.errors import NotFound
from voltherd.domain.station import DEFAULT_TENANT
from voltherd.services.ports import Journal, Records, Removed

Days = Annotated[int, Meta(ge=1, le=36_500)]
Url = Annotated[str, Meta(pattern=r"^https?://[^\s/]+\S*$", max_length=2048)]


class Setting(Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Base of all settings."""


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


class Iso15118(Setting, frozen=True):
    """Plug and Charge: where contract certificates are provisioned, and what happens when OCSP gives no answer."""

    provisioning_service_url: Url | None = None
    ocsp_policy: Literal["require", "prefer", "skip"] = "require"


SETTINGS: dict[str, type[Setting]] = {"iso15118": Iso15118, "onboarding": Onboarding, "retention": Retention}
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
            value = msgspec.convert({**msgspec.to_builtins(present), **fields}, kind)
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
            before=_json(before),
            after=_json(after),
        )

    def _tell(self, value: Setting) -> None:
        for callback in self._watchers.get(type(value), ()):
            callback(value)


def _json(value: Setting) -> str:
    return msgspec.json.encode(value).decode()
