"""Named charging profiles of a tenant, sent to stations by their id."""

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from voltherd.domain.charging_profile import MAX_PROFILE_ID, ProfileTemplate
from voltherd.domain.charging_rules import always
from voltherd.domain.charging_schedule import ChargingProfile
from voltherd.domain.document import DocumentRecord
from voltherd.domain.errors import Invalid, NotFound
from voltherd.domain.station import DEFAULT_TENANT
from voltherd.services.dependencies import Dependencies


class Stored(Struct, frozen=True):
    """A template and its row."""

    record: DocumentRecord
    template: ProfileTemplate


class Templates:
    """Reads and writes templates; `profile_id` is the id on the wire, chosen by whoever makes the template."""

    def __init__(self, needs: Dependencies) -> None:
        self._documents = needs.documents
        self._records = needs.records

    async def all(self, *, tenant_id: int = DEFAULT_TENANT) -> list[Stored]:
        """Give all templates in the order of their ids."""
        found = await self._records.documents_of(tenant_id, 0, ProfileTemplate.kind)
        stored = [Stored(record, msgspec.json.decode(record.data, type=ProfileTemplate)) for record in found]
        mine = [item for item in stored if item.template.tenant_id == tenant_id]
        return sorted(mine, key=lambda item: item.template.profile.id or 0)

    async def get(self, profile_id: int, *, tenant_id: int = DEFAULT_TENANT) -> Stored:
        """Give a template. Raises NotFound."""
        for item in await self.all(tenant_id=tenant_id):
            if item.template.profile.id == profile_id:
                return item
        raise NotFound(f"There is no charging profile {profile_id}.")

    async def put(
        self, profile_id: int, name: str, profile: ChargingProfile, *, tenant_id: int = DEFAULT_TENANT
    ) -> tuple[Stored, bool]:
        """Write a template; gives it and whether it is new. Raises Invalid, naming the rules that it breaks."""
        if profile.id not in (None, profile_id):
            raise Invalid(f"The profile's id is {profile.id}, and that of the path {profile_id}: they are the same id.")
        profile = replace(profile, id=profile_id)
        broken = list(
            always(replace(profile, transaction_id=profile.transaction_id or _later(profile)), _place(profile))
        )
        if broken:
            raise Invalid(" ".join(broken))
        known = [item for item in await self.all(tenant_id=tenant_id) if item.template.profile.id == profile_id]
        template = ProfileTemplate(tenant_id=tenant_id, name=name, profile=profile)
        document_id = known[0].record.id if known else None
        record = await self._documents.store(template, document_id=document_id, tenant_id=tenant_id)
        return Stored(record, template), not known

    async def delete(self, profile_id: int, *, tenant_id: int = DEFAULT_TENANT) -> None:
        """Delete a template; what stations have of it stays there. Raises NotFound."""
        await self._documents.remove((await self.get(profile_id, tenant_id=tenant_id)).record)


def _later(profile: ChargingProfile) -> str | None:
    """A TxProfile gets its transaction when it is sent."""
    return "later" if profile.charging_profile_purpose == "TxProfile" else None


def _place(profile: ChargingProfile) -> int:
    """Give an EVSE that such a profile may go to: which one is said when it is sent."""
    return 1 if profile.charging_profile_purpose == "TxProfile" else 0


def checked_id(text: str) -> int:
    """Read an id on the wire. Raises NotFound: what cannot be one names nothing."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else 0
    if not 0 < number <= MAX_PROFILE_ID:
        raise NotFound(f"There is no charging profile {text}: ids are numbers from 1 to {MAX_PROFILE_ID}.")
    return number
