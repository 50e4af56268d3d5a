"""The keys with which the meters of a station sign (OCPP 2.0.1 J01.FR.21, J02.FR.21), made when needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from voltherd.station import keys
from voltherd.station.evse import Evse
from voltherd.station.ocmf import MeterReading, Occasion, Signer
from voltherd.station.transaction import Context, Sampled, Signed

if TYPE_CHECKING:
    from voltherd.station.core import StationCore

ROOM: Final = "meter key"
_OCCASIONS: Final[dict[Context, Occasion]] = {"Transaction.Begin": "Begin", "Transaction.End": "End"}


class MeterKeys:
    """Signs what the meters show."""

    __slots__ = ("_signers", "_told", "core")

    def __init__(self, core: StationCore) -> None:
        self.core = core
        self._signers: dict[int, Signer] | None = None
        self._told: dict[int, str] | None = None

    def sign(self, evse: Evse, sampled: Sampled) -> Sampled:
        """The reading with its energy signed."""
        core, signer = self.core, self.signer(evse)
        running = evse.transaction
        token = running.token if running is not None else None
        reading = MeterReading(
            taken_at=core.clock.wall(core.now),
            energy_wh=sampled.reading.energy_import_wh,
            occasion=_OCCASIONS.get(sampled.context, "Charging"),
        )
        data = signer.sign(
            [reading], id_token=token.id if token is not None else "", id_type=token.kind if token is not None else ""
        )
        core.storage.keep(ROOM, f"{evse.id} page", str(signer.page).encode())
        key = signer.public_key_text if self._tells_key(evse) else None
        return replace(sampled, signed=Signed(data=data, method=signer.method, public_key=key))

    def signer(self, evse: Evse) -> Signer:
        """The signing module of an EVSE's meter."""
        self._signers = self._signers or {}
        signer = self._signers.get(evse.id)
        if signer is None:
            kept = self.core.storage.all(ROOM)
            key = kept.get(str(evse.id))
            if key is None:
                key = keys.generate()
                self.core.storage.keep(ROOM, str(evse.id), key)
            serial = f"{self.core.config.serial_number or self.core.config.identity}-{evse.id}"
            signer = self._signers[evse.id] = Signer(
                key, serial, is_dc=evse.config.is_dc, page=int(kept.get(f"{evse.id} page", b"0"))
            )
        return signer

    def _tells_key(self, evse: Evse) -> bool:
        """Whether the public key goes with it (PublicKeyWithSignedMeterValue)."""
        wanted = self.core.settings.text("public_key_with")
        if wanted != "OncePerTransaction":
            return wanted == "EveryMeterValue"
        about = evse.transaction.id if evse.transaction is not None else ""
        self._told = self._told or {}
        before, self._told[evse.id] = self._told.get(evse.id), about
        return before != about
