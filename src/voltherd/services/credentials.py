"""Credentials that a station took over OCPP, whoever sent them: its password, its security profile (A01, A05)."""

from voltherd.services.dependencies import Dependencies
from voltherd.services.state import StationState
from voltherd.services.work import Work


class Credentials:
    """Makes valid what stations accepted, so that no station is locked out, and none comes in by an old way."""

    def __init__(self, needs: Dependencies) -> None:
        self._stations = needs.stations

    def password_taken(self, state: StationState, work: Work, password: bytes) -> None:
        """The station has a new password: it is valid from now on, the old one no longer (A01.FR.03)."""
        station = state.station
        station.password_hash, station.offered_password_hash = self._stations.hash_password(password), None
        work.put(station)

    @staticmethod
    def profile_taken(state: StationState, work: Work, profile: int) -> None:
        """The station agreed to a higher profile; until it has come with it, the one before counts (A05.FR.06)."""
        station = state.station
        if station.security_profile < profile <= 3:
            station.offered_security_profile = profile
            work.put(station)

    @staticmethod
    def connected(state: StationState, profile: int) -> None:
        """The station came with this profile: one that it had agreed to counts from now on, the old one no longer."""
        station = state.station
        if profile == station.offered_security_profile:
            station.security_profile, station.offered_security_profile = profile, None
