"""Settings that operators change while the system runs: typed, with defaults, kept in the store and in memory."""

from collections.abc import Callable
from typing import Annotated, Any, Literal, TypeVar, cast

import msgspec
from msgspec import Meta, Struct

from voltherd.domain.access import AuditEntry
from voltherd.domain.access import Setting as SettingRecord
from voltherd.domain.errors import NotFound
from voltherd.domain.station import DEFAULT_TENANT
from voltherd.services.ports import Journal, Records

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

    async def put(self, value: Setting, *, who: str, tenant_id: int = DEFAULT_TENANT) -> None:
        """Replace a setting as a whole; it holds once it is stored."""
        kind, now_ms = type(value), self._clock_ms()
        before, after = (msgspec.json.encode(item).decode() for item in (self.get(kind, tenant_id=tenant_id), value))
        record = SettingRecord(tenant_id=tenant_id, name=_NAMES[kind], value=after, updated_at_ms=now_ms)
        entry = AuditEntry(
            id=self._ids(),
            tenant_id=tenant_id,
            at_ms=now_ms,
            who=who,
            what="change",
            entity=f"setting {record.name}",
            before=before,
            after=after,
        )
        await self._journal.committed([record, entry])
        self._values[tenant_id, kind] = value
        if tenant_id == DEFAULT_TENANT:
            self._tell(value)

    def _tell(self, value: Setting) -> None:
        for callback in self._watchers.get(type(value), ()):
            callback(value)
