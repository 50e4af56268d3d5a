"""The door: who may connect, in which version. Everything is decided before the upgrade (interop traps 1-5)."""

import ssl

from voltherd.domain.station import Station
from voltherd.gateway.admission import Admission
from voltherd.gateway.node import Node
from voltherd.gateway.session import Session
from voltherd.ocpp.version import OcppVersion
from voltherd.services.stations import Stations, is_identity
from voltherd.websocket import Accept, CloseCode, Limits, Reject, Server, Upgrade, choose_subprotocol, serve

PREFERRED = (OcppVersion.V21, OcppVersion.V201, OcppVersion.V16)
"""Highest first: chosen when a station offers several."""


class Refused(Exception):
    """The upgrade is answered with this HTTP status."""

    def __init__(self, answer: Reject) -> None:
        super().__init__(answer.reason)
        self.answer = answer


class Listener:
    """The OCPP ports of one node."""

    def __init__(self, node: Node, stations: Stations, *, limits: Limits | None = None) -> None:
        self._node = node
        self._stations = stations
        self._limits = limits or Limits()
        self._servers: list[Server] = []
        self._closing = False
        self.admission = Admission(node.monotonic)

    async def open(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> int:
        """Listen on an address; gives the port. Raises OSError where it is taken."""
        server = await serve(host, port, upgrade=self.decide, ssl=tls, limits=self._limits)
        self._servers.append(server)
        return server.port

    def decide(self, upgrade: Upgrade) -> Accept | Reject:
        """Answer an upgrade request: 101 with a session behind it, or 400, 401, 403, 404, 503."""
        try:
            return self._accept(upgrade)
        except Refused as refused:
            return refused.answer

    def _accept(self, upgrade: Upgrade) -> Accept:
        if self._closing:
            raise Refused(Reject(503, "The server is shutting down.", {"Retry-After": "10"}))
        identity = upgrade.identity
        if not is_identity(identity):
            raise Refused(Reject(404, "The path does not end with the identity of a station."))
        station = self._stations.find(identity)
        if station is not None:
            profile = self._authenticate(station, upgrade)
            version = _version(upgrade, station)
            self._admit()
        else:
            version = _version(upgrade, None)
            self._admit()
            profile = 0
            station = self._stations.admit_unknown(identity)
            if station is None:
                raise Refused(Reject(404, f"There is no station {identity!r}."))
        node = self._node
        session = Session(
            node,
            identity,
            version,
            generation=node.registry.next_generation(),
            peer=f"{upgrade.peer[0]}:{upgrade.peer[1]}",
            security_profile=profile,
            memory=node.registry.memory(identity, version),
        )
        offered = version.subprotocol if upgrade.subprotocols else None
        return Accept(session, offered)

    def _admit(self) -> None:
        """Let in so many a second; who must wait is told for how long, each something else (interop trap 17)."""
        retry_after_s = self.admission.retry_after_s()
        if retry_after_s is not None:
            self._node.counters.connections_put_off += 1
            raise Refused(Reject(503, "Too many stations connect at once.", {"Retry-After": str(retry_after_s)}))

    def _authenticate(self, station: Station, upgrade: Upgrade) -> int:
        """Check the station's credentials; gives the security profile that it came with (A00)."""
        profile = station.security_profile
        tls = upgrade.tls
        if station.offered_security_profile == 3 and tls is not None and _names(tls.common_name, station):
            return 3
        if profile == 3:
            return self._check_certificate(station, upgrade)
        if profile == 2 and upgrade.tls is None:
            raise Refused(Reject(403, "This station connects over TLS only (security profile 2)."))
        if station.password_hash is None:
            return 0
        credentials = upgrade.credentials
        if credentials is None:
            raise Refused(Reject.unauthorized("HTTP Basic credentials are missing."))
        if credentials.user != station.identity or not self._stations.verify(station, credentials.password):
            raise Refused(Reject.unauthorized("Wrong credentials."))
        return 2 if upgrade.tls is not None else 1

    @staticmethod
    def _check_certificate(station: Station, upgrade: Upgrade) -> int:
        if upgrade.tls is None:
            raise Refused(Reject(403, "This station connects over TLS only (security profile 3)."))
        if upgrade.tls.common_name is None:
            raise Refused(Reject(401, "A client certificate is required (security profile 3)."))
        if not _names(upgrade.tls.common_name, station):
            raise Refused(Reject(403, "The client certificate is another station's."))
        return 3

    def stop(self) -> None:
        """Take no new connections."""
        self._closing = True
        for server in self._servers:
            server.stop_listening()

    async def close(self) -> None:
        """Close every connection with 1001 and wait until they are gone."""
        self.stop()
        for server in self._servers:
            await server.close(CloseCode.GOING_AWAY, "the server is shutting down")

    @property
    def connections(self) -> int:
        """Open connections on all ports."""
        return sum(server.connections for server in self._servers)


def _names(common_name: str | None, station: Station) -> bool:
    """Whether a certificate is the station's: made out to its identity, or to its serial number (A00.FR.405)."""
    return bool(common_name) and common_name in (station.identity, station.serial_number)


def _version(upgrade: Upgrade, station: Station | None) -> OcppVersion:
    """Choose the version: the station's pin, else the highest both speak, else its last one, else 1.6 (trap 2)."""
    pinned = OcppVersion(station.pinned_version) if station is not None and station.pinned_version else None
    if not upgrade.subprotocols:
        last = OcppVersion(station.ocpp_version) if station is not None and station.ocpp_version else None
        return pinned or last or OcppVersion.V16
    spoken = [pinned] if pinned is not None else list(PREFERRED)
    chosen = choose_subprotocol(upgrade.subprotocols, [version.subprotocol for version in spoken])
    if chosen is None:
        offered = ", ".join(upgrade.subprotocols)[:100]
        names = ", ".join(version.subprotocol for version in spoken)
        raise Refused(Reject(400, f"No common subprotocol: the station offers {offered}, spoken here: {names}."))
    version = OcppVersion.from_subprotocol(chosen)
    assert version is not None
    return version
