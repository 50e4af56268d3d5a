"""Signed meter values in OCMF, the Open Charge Metering Format 1.0: `OCMF|{payload}|{signature}`.

`Signer` is a meter's signing module. The text it gives goes, in Base64, into `signedMeterData`; its public key, as
the white paper on signed meter values wants it, into `publicKey`.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key
from msgspec import UNSET, Raw, Struct, UnsetType, field

from voltherd.station import keys

Occasion = Literal["Begin", "Charging", "End", "EndLocal", "EndRemote", "EndAborted", "Suspended", "TariffChanged"]
ENCODING_METHOD: Final = "OCMF"

_OCCASIONS: Final[dict[Occasion, str]] = {
    "Begin": "B",
    "Charging": "C",
    "End": "E",
    "EndLocal": "L",
    "EndRemote": "R",
    "EndAborted": "A",
    "Suspended": "S",
    "TariffChanged": "T",
}
_CURVES: Final = {
    "secp256r1": "secp256r1",
    "secp256k1": "secp256k1",
    "secp384r1": "secp384r1",
    "brainpoolP256r1": "brainpool256r1",
}
_IMPORT_REGISTER: Final = "01-00:01.08.00*FF"
_EXPORT_REGISTER: Final = "01-00:02.08.00*FF"


class MeterReading(Struct, frozen=True, kw_only=True):
    """A reading to be signed.

    Attributes:
        taken_at: by the wall clock, with a zone.
        energy_wh: the register.
        occasion: why it was taken.
        is_export: whether it is the register of energy from the vehicle.
        is_synchronized: whether the clock is known to be right.
    """

    taken_at: datetime
    energy_wh: float
    occasion: Occasion
    is_export: bool = False
    is_synchronized: bool = True


class _Reading(Struct, kw_only=True, rename="upper"):
    tm: str
    tx: str
    rv: Raw
    ri: str
    ru: str = "kWh"
    rt: str
    ef: str = ""
    st: str = "G"


class _Payload(Struct, kw_only=True, rename="upper", omit_defaults=False):
    fv: str = "1.0"
    gi: str
    gs: str
    gv: str
    pg: str
    mv: str
    mm: str
    ms: str
    mf: str
    is_: bool = field(name="IS")
    if_: list[str] = field(name="IF")
    it: str
    id_: str | UnsetType = field(name="ID", default=UNSET)
    ct: str | UnsetType = UNSET
    ci: str | UnsetType = UNSET
    rd: list[_Reading]


class _Signature(Struct, kw_only=True, rename="upper"):
    sa: str
    sd: str


class Signer:
    """The signing module of one meter.

    Args:
        private_key: on secp256r1, secp256k1, secp384r1 or brainpoolP256r1; PKCS #8 in DER, or PEM.
        serial: of the meter.
        vendor: of the meter.
        model: of the meter.
        firmware: version of the meter's program.
        evse_id: eMI3 id of the EVSE, empty without one.
        is_dc: whether it measures direct current.
        page: the number of the last record; counts up with each.
    """

    __slots__ = ("_key", "evse_id", "firmware", "is_dc", "model", "page", "serial", "vendor")

    def __init__(
        self,
        private_key: bytes,
        serial: str,
        *,
        vendor: str = "Voltherd",
        model: str = "Software meter",
        firmware: str = "1.0",
        evse_id: str = "",
        is_dc: bool = False,
        page: int = 0,
    ) -> None:
        key = keys.load(private_key)
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name not in _CURVES:
            raise keys.BadKey(f"OCMF is signed on one of the curves {', '.join(_CURVES)}")
        self._key = keys.to_der(key)
        self.serial, self.vendor, self.model, self.firmware = serial, vendor, model, firmware
        self.evse_id, self.is_dc, self.page = evse_id, is_dc, page

    @property
    def method(self) -> str:
        """The signature's algorithm, in OCMF's and OCPP's word."""
        return f"ECDSA-{_CURVES[self._load().curve.name]}-SHA256"

    @property
    def public_key_text(self) -> str:
        """The `publicKey` of OCPP: Base64 of `oca:base16:asn1:` and the key as it would be printed on the meter."""
        return b64encode(f"oca:base16:asn1:{self.public_key_hex}".encode()).decode()

    @property
    def public_key_hex(self) -> str:
        """The public key as it would be printed on the meter: SubjectPublicKeyInfo in hexadecimal."""
        return keys.public_bytes(self._load().public_key()).hex()

    def sign(
        self,
        readings: Sequence[MeterReading],
        *,
        id_token: str = "",
        id_type: str = "",
        flags: Sequence[str] = (),
    ) -> str:
        """Sign readings of one transaction together, as OCMF text.

        Args:
            readings: in the order they were taken.
            id_token: who charges; nobody known without.
            id_type: the token's type as OCPP 2.x calls it.
            flags: how the token was come by, in OCMF's words (`RFID_PLAIN`, `OCPP_RS` ...), four at most.
        """
        self.page += 1
        payload = _Payload(
            gi=self.vendor + " " + self.model,
            gs=self.serial,
            gv=self.firmware,
            pg=f"T{self.page}",
            mv=self.vendor,
            mm=self.model,
            ms=self.serial,
            mf=self.firmware,
            is_=bool(id_token),
            if_=list(flags[:4]),
            it=_id_type(id_token, id_type),
            id_=id_token or UNSET,
            ct="EVSEID" if self.evse_id else UNSET,
            ci=self.evse_id or UNSET,
            rd=[self._reading(reading) for reading in readings],
        )
        return self._signed(msgspec.json.encode(payload).replace(b"|", b"\\u007c"))

    def _signed(self, payload: bytes) -> str:
        signature = self._load().sign(payload, ec.ECDSA(hashes.SHA256()))
        tail = _Signature(sa=self.method, sd=signature.hex())
        return f"OCMF|{payload.decode()}|{msgspec.json.encode(tail).decode()}"

    def _reading(self, reading: MeterReading) -> _Reading:
        return _Reading(
            tm=_time(reading),
            tx=_OCCASIONS[reading.occasion],
            rv=Raw(f"{reading.energy_wh / 1000:.4f}".encode()),
            ri=_EXPORT_REGISTER if reading.is_export else _IMPORT_REGISTER,
            rt="DC" if self.is_dc else "AC",
        )

    def _load(self) -> ec.EllipticCurvePrivateKey:
        key = keys.load(self._key)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        return key


def signed_meter_data(text: str) -> str:
    """Wrap OCMF text as the `signedMeterData` of OCPP."""
    return b64encode(text.encode()).decode()


def is_genuine(text: str, public_key_hex: str) -> bool:
    """Whether OCMF text was signed with the key printed on the meter, and has not been changed since."""
    kind, _, rest = text.partition("|")
    payload, _, tail = rest.partition("|")
    if kind != "OCMF" or not tail:
        return False
    try:
        signature = msgspec.json.decode(tail, type=_Signature)
        public = load_der_public_key(bytes.fromhex(public_key_hex))
        assert isinstance(public, ec.EllipticCurvePublicKey)
        public.verify(bytes.fromhex(signature.sd), payload.encode(), ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, msgspec.DecodeError, ValueError):
        return False
    return True


def _time(reading: MeterReading) -> str:
    """ISO 8601 with milliseconds after a comma, the zone without a colon, and what the clock is worth."""
    taken_at = reading.taken_at
    status = "S" if reading.is_synchronized else "U"
    return f"{taken_at:%Y-%m-%dT%H:%M:%S},{taken_at.microsecond // 1000:03d}{taken_at:%z} {status}"


def _id_type(id_token: str, id_type: str) -> str:
    if not id_token:
        return "NONE"
    return {
        "ISO14443": "ISO14443",
        "ISO15693": "ISO15693",
        "eMAID": "EMAID",
        "Central": "CENTRAL",
        "Local": "LOCAL",
        "KeyCode": "KEY_CODE",
        "MacAddress": "EVCCID",
    }.get(id_type, "UNDEFINED")
