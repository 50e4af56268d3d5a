"""The certificates that a station trusts and those it shows, by use: rules of installing, listing and deleting.

A store holds PEM text and keys in DER only; certificates are parsed when somebody asks. What changes is handed to
`keep`, so that it survives a power cut.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Final, Literal

import msgspec
from cryptography import x509
from msgspec import Struct

from voltherd.station import chain as chains
from voltherd.station import keys
from voltherd.station.chain import BadCertificate, HashAlgorithm, HashData

RootUse = Literal[
    "CSMSRootCertificate",
    "ManufacturerRootCertificate",
    "V2GRootCertificate",
    "MORootCertificate",
    "OEMRootCertificate",
]
OwnUse = Literal["ChargingStationCertificate", "V2GCertificate", "V2G20Certificate"]
Use = RootUse | OwnUse
Standing = Literal["InForce", "Fallback", "Candidate"]

OWN_USES: Final[tuple[OwnUse, ...]] = ("ChargingStationCertificate", "V2GCertificate", "V2G20Certificate")


class Refused(ValueError):
    """A certificate is not installed; the text says why, and `reason` is a code for OCPP's statusInfo."""

    def __init__(self, text: str, reason: str = "InvalidCertificate") -> None:
        super().__init__(text)
        self.reason = reason


class NotFound(LookupError):
    """No certificate has that hash data."""


class InUse(ValueError):
    """The certificate must not be deleted; the text says why."""


class Entry(Struct, kw_only=True):
    """One certificate.

    Attributes:
        use: what it is for.
        pem: the certificate, for uses of the station's own with its chain, leaf first.
        key: the private key of an own certificate, PKCS #8 in DER.
        standing: a `Candidate` was received and has not yet been connected with; a `Fallback` was replaced and
            is kept until its successor has proven itself.
    """

    use: Use
    pem: str
    key: bytes = b""
    standing: Standing = "InForce"

    @property
    def chain(self) -> list[x509.Certificate]:
        """The certificates, parsed."""
        return chains.read(self.pem)

    @property
    def name(self) -> str:
        """What storage knows it by."""
        return sha256(f"{self.use}\n{self.pem}".encode()).hexdigest()[:32]


class Listed(Struct, frozen=True, kw_only=True):
    """What GetInstalledCertificateIds tells of a certificate."""

    use: Use
    hash_data: HashData
    children: tuple[HashData, ...] = ()


class CertificateStore:
    """All certificates of a station.

    Args:
        documents: what `keep` was given, by name.
        keep: writes a document, or drops it (None).
    """

    __slots__ = ("_entries", "_keep")

    def __init__(
        self,
        documents: Mapping[str, bytes] | None = None,
        keep: Callable[[str, bytes | None], None] = lambda _name, _data: None,
    ) -> None:
        self._keep = keep
        self._entries: list[Entry] = [msgspec.msgpack.decode(data, type=Entry) for data in (documents or {}).values()]

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries)

    # Roots -----------------------------------------------------------------------------------

    def roots(self, use: RootUse, standing: Standing | None = None) -> list[x509.Certificate]:
        """The certificates trusted for a use; those of one standing only if asked."""
        return [e.chain[0] for e in self._of(use) if standing is None or e.standing == standing]

    def roots_pem(self, use: RootUse, *, fallback: bool = True) -> str:
        """The same as PEM, one after the other."""
        return "".join(e.pem for e in self._of(use) if fallback or e.standing == "InForce")

    def has_valid_root(self, use: RootUse, at: datetime) -> bool:
        """Whether a root of that use is valid now (OCPP 2.0.1 A05.FR.02)."""
        return any(_is_valid(root, at) for root in self.roots(use))

    def install_root(
        self, use: RootUse, pem: str, at: datetime, *, limit: int, signed_by_predecessor: bool = False
    ) -> None:
        """Trust a certificate from now on (OCPP 2.0.1 M05).

        Args:
            use: what for.
            pem: the certificate.
            at: now, by the wall clock.
            limit: how many certificates fit (`CertificateEntries`, M05.FR.06).
            signed_by_predecessor: a CSMS root must be signed by the one it replaces, which is kept as a fallback
                (`AdditionalRootCertificateCheck`, M05.FR.09 to M05.FR.12).

        Raises:
            Refused: it is no valid root, not signed by its predecessor, or there is no room.
        """
        try:
            root = chains.check_root(pem, at)
        except BadCertificate as error:
            raise Refused(str(error)) from None
        if signed_by_predecessor and use == "CSMSRootCertificate":
            self._succeed(root, limit)
            return
        if any(e.chain[0] == root for e in self._of(use)):
            self._replace(use, root)
            return
        self._check_room(limit)
        self._add(Entry(use=use, pem=chains.to_pem([root])))

    def _succeed(self, root: x509.Certificate, limit: int) -> None:
        """Put a CSMS root in the place of the one that signed it."""
        old = [e for e in self._of("CSMSRootCertificate") if e.standing == "InForce"]
        if any(e.chain[0] == root for e in old):
            return
        if old and not any(chains.is_issued_by(root, e.chain[0]) for e in old):
            raise Refused("The new root is not signed by the one it replaces")
        self._check_room(limit)
        for entry in [e for e in self._of("CSMSRootCertificate") if e.standing == "Fallback"]:
            self._remove(entry)
        for entry in old:
            self._stand(entry, "Fallback")
        self._add(Entry(use="CSMSRootCertificate", pem=chains.to_pem([root])))

    def drop_fallback_roots(self) -> bool:
        """Forget replaced CSMS roots, since their successor works (M05.FR.13); whether there were any."""
        return self._drop(e for e in self._of("CSMSRootCertificate") if e.standing == "Fallback")

    # Certificates of the station -----------------------------------------------------------------

    def own(self, use: OwnUse, at: datetime) -> Entry | None:
        """The certificate to show: a candidate first, then the newest (OCPP 2.0.1 A02.FR.15; of 1.6 A02.FR.09).

        An expired one is shown too: it is up to the CSMS whether to take it (A00.FR.430).
        """
        entries = [e for e in self._of(use) if e.chain[0].not_valid_before_utc <= at]
        return max(entries, key=lambda e: (e.standing == "Candidate", e.chain[0].not_valid_before_utc), default=None)

    def own_in_force(self, use: OwnUse) -> list[Entry]:
        """The certificates of a use that have been connected with, or need not be."""
        return [e for e in self._of(use) if e.standing == "InForce"]

    def has_valid_own(self, use: OwnUse, at: datetime) -> bool:
        """Whether a certificate of that use is valid now (OCPP 2.0.1 A05.FR.03)."""
        return any(_is_valid(e.chain[0], at) for e in self._of(use))

    def install_own(self, use: OwnUse, pem: str, key: bytes, *, candidate: bool) -> None:
        """Take a certificate that `check_own` passed; a candidate displaces an earlier candidate."""
        if candidate:
            self._drop(e for e in self._of(use) if e.standing == "Candidate")
        else:
            self._drop(self._same_root(use, chains.read(pem)))
        self._add(Entry(use=use, pem=pem, key=key, standing="Candidate" if candidate else "InForce"))

    def settle(self, use: OwnUse, *, candidate_works: bool) -> bool:
        """Keep the candidate, or what there was before, and discard the other (OCPP 2.0.1 A02.FR.10).

        Returns:
            Whether there was a candidate.
        """
        candidate = next((e for e in self._of(use) if e.standing == "Candidate"), None)
        if candidate is None:
            return False
        if candidate_works:
            self._drop(e for e in self._of(use) if e is not candidate)
            self._stand(candidate, "InForce")
        else:
            self._remove(candidate)
        return True

    def check_own(
        self, pem: str, key: bytes, *, issuers: RootUse, at: datetime, common_name: str, organization: str
    ) -> list[x509.Certificate]:
        """Judge the certificate that answers a signing request (OCPP 2.0.1 A02.FR.06).

        Args:
            pem: the chain, leaf first.
            key: the private key that the request was made with.
            issuers: the use of the roots that it must lead to.
            at: now, by the wall clock.
            common_name: what the subject must be.
            organization: whose it must be; anybody's where empty.

        Returns:
            Leaf and intermediates, in order, without the root.

        Raises:
            BadCertificate: it is not for this key or station, not valid now, or from somebody else.
        """
        found = chains.read(pem)
        leaf = found[0]
        if keys.public_bytes(_public_key(leaf)) != keys.public_bytes(keys.load(key).public_key()):
            raise BadCertificate("The certificate is not for the key of the request")
        if chains.common_name(leaf) != common_name:
            raise BadCertificate(f"The certificate is for {chains.common_name(leaf)!r}, not for {common_name!r}")
        if organization and chains.organization(leaf) != organization:
            raise BadCertificate(f"The certificate does not name {organization!r} as its owner")
        roots = self.roots(issuers)
        path = chains.verify(found, roots, at)
        return [certificate for certificate in path if certificate not in roots]

    # Listing and deleting -----------------------------------------------------------------------

    def listed(self, uses: Collection[Use]) -> list[Listed]:
        """What is installed for these uses, with SHA-256 (OCPP 2.0.1 M03.FR.04, M03.FR.05)."""
        return [self._listed(e) for e in self._entries if e.use in uses]

    def find(self, wanted: HashData) -> Entry:
        """The entry that a certificate belongs to. Raises NotFound."""
        for entry in self._entries:
            if any(own.matches(wanted) for own in self._hashes(entry, wanted.algorithm)):
                return entry
        raise NotFound

    def delete(self, wanted: HashData, *, in_use: Callable[[x509.Certificate], bool] = lambda _root: False) -> Use:
        """Delete a certificate (OCPP 2.0.1 M04), an intermediate of an own chain together with its leaf (M04.FR.08).

        Args:
            wanted: which.
            in_use: whether the current connection rests on a CSMS root.

        Returns:
            What it was for.

        Raises:
            NotFound: there is none.
            InUse: it is the station's own for the CSMS (M04.FR.06), or the CSMS root in use.
        """
        entry = self.find(wanted)
        if entry.use == "ChargingStationCertificate":
            raise InUse("The certificate of the station is replaced, not deleted")
        if entry.use == "CSMSRootCertificate" and in_use(entry.chain[0]):
            raise InUse("The connection rests on this root")
        self._remove(entry)
        return entry.use

    # Inside ----------------------------------------------------------------------------------

    def _of(self, use: Use) -> list[Entry]:
        return [e for e in self._entries if e.use == use]

    def _same_root(self, use: OwnUse, chain: list[x509.Certificate]) -> Iterator[Entry]:
        return (e for e in self._of(use) if e.chain[-1].issuer == chain[-1].issuer)

    def _check_room(self, limit: int) -> None:
        if sum(e.use not in OWN_USES for e in self._entries) >= limit:
            raise Refused(f"There is room for {limit} certificates", "OutOfStorage")

    def _replace(self, use: RootUse, root: x509.Certificate) -> None:
        """Install what is already there: it is trusted in its own right again (M05.FR.17)."""
        for entry in self._of(use):
            if entry.chain[0] == root:
                self._stand(entry, "InForce")

    def _listed(self, entry: Entry) -> Listed:
        first, *rest = self._hashes(entry, "SHA256")
        return Listed(use=entry.use, hash_data=first, children=tuple(rest))

    def _hashes(self, entry: Entry, algorithm: HashAlgorithm) -> list[HashData]:
        chain = entry.chain
        issuers = [*chain[1:], self._issuer_of_last(entry, chain[-1])]
        return [chains.hash_data(one, issuer, algorithm) for one, issuer in zip(chain, issuers, strict=True)]

    def _issuer_of_last(self, entry: Entry, last: x509.Certificate) -> x509.Certificate:
        """The root above a chain; a root stands for itself, as does one whose root has been deleted."""
        if entry.use not in OWN_USES:
            return last
        known = [e.chain[0] for e in self._entries if e.use not in OWN_USES]
        return chains.issuer_of(last, known) or last

    def _add(self, entry: Entry) -> None:
        self._entries.append(entry)
        self._keep(entry.name, msgspec.msgpack.encode(entry))

    def _stand(self, entry: Entry, standing: Standing) -> None:
        entry.standing = standing
        self._keep(entry.name, msgspec.msgpack.encode(entry))

    def _remove(self, entry: Entry) -> None:
        self._entries.remove(entry)
        self._keep(entry.name, None)

    def _drop(self, entries: Iterator[Entry]) -> bool:
        gone = list(entries)
        for entry in gone:
            self._remove(entry)
        return bool(gone)


def _is_valid(certificate: x509.Certificate, at: datetime) -> bool:
    return certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc


def _public_key(leaf: x509.Certificate) -> keys.PublicKey:
    try:
        return keys.check_strength(leaf.public_key())
    except keys.BadKey as error:
        raise BadCertificate(str(error)) from None
