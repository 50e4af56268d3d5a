"""Who is connected: sessions by identity, each with a generation, and the state of each station in memory.

The newest session of a station gets our calls; an older one is served until it closes or falls silent, and its late
close removes only itself (interop trap 7).
"""

from collections import OrderedDict

from voltherd.gateway.session import Session
from voltherd.ocpp.rpc import AnswerMemory
from voltherd.ocpp.version import OcppVersion
from voltherd.services.state import StationState

MAX_PARKED = 5_000
"""Stations that have left but whose state stays in memory for their return."""
REMEMBERED_ACTIONS = frozenset({"StartTransaction", "StopTransaction", "TransactionEvent", "MeterValues"})
"""Actions whose answers a retry on the next connection gets again: their payloads tell one event from the next."""


class Registry:
    """Live sessions and states of this node."""

    def __init__(self) -> None:
        self._sessions: dict[str, list[Session]] = {}
        self._states: dict[int, StationState] = {}
        self._parked: OrderedDict[int, None] = OrderedDict()
        self._memories: dict[str, tuple[OcppVersion, AnswerMemory]] = {}
        self._generation = 0

    def __len__(self) -> int:
        return sum(len(sessions) for sessions in self._sessions.values())

    def next_generation(self) -> int:
        """Give the number of the next connection."""
        self._generation += 1
        return self._generation

    def memory(self, identity: str, version: OcppVersion) -> AnswerMemory:
        """Give what a new connection may know of earlier answers; nothing survives a change of version (trap 3)."""
        kept = self._memories.pop(identity, None)
        if kept is None or kept[0] is not version or identity in self._sessions:
            return AnswerMemory()
        kept[1].carry_over(REMEMBERED_ACTIONS)
        return kept[1]

    def add(self, session: Session) -> list[Session]:
        """Take in a new session; gives the older ones that are still open."""
        sessions = self._sessions.setdefault(session.identity, [])
        older = list(sessions)
        sessions.append(session)
        return older

    def remove(self, session: Session) -> bool:
        """Take out exactly this session; whether it was the last of its station."""
        sessions = self._sessions.get(session.identity)
        if sessions is None or session not in sessions:
            return False
        sessions.remove(session)
        if sessions:
            return False
        del self._sessions[session.identity]
        self._remember(session)
        return True

    def _remember(self, session: Session) -> None:
        if len(session.rpc.memory):
            self._memories[session.identity] = (session.version, session.rpc.memory)
            if len(self._memories) > MAX_PARKED:
                del self._memories[next(iter(self._memories))]
        if session.state is not None:
            self.park(session.state)

    def park(self, state: StationState) -> None:
        """Keep the state of a station that has no session for its return; the oldest are let go."""
        if state.station.identity in self._sessions:
            return
        self._parked[state.station.id] = None
        self._parked.move_to_end(state.station.id)
        while len(self._parked) > MAX_PARKED:
            station_id, _ = self._parked.popitem(last=False)
            self._states.pop(station_id, None)

    def current(self, identity: str) -> Session | None:
        """Give the newest open session of a station."""
        for session in reversed(self._sessions.get(identity, ())):
            if session.connection is not None and session.connection.is_open:
                return session
        return None

    def sessions_of(self, identity: str) -> list[Session]:
        """Give all sessions of a station, oldest first."""
        return list(self._sessions.get(identity, ()))

    def all_sessions(self) -> list[Session]:
        """Give all sessions."""
        return [session for sessions in self._sessions.values() for session in sessions]

    def identities(self) -> list[str]:
        """Give the identities that have a session."""
        return list(self._sessions)

    def state(self, station_id: int) -> StationState | None:
        """Give a station's state if it is in memory."""
        return self._states.get(station_id)

    def keep_state(self, state: StationState) -> StationState:
        """Put a loaded state in memory, unless another one came first; gives the one that counts."""
        self._parked.pop(state.station.id, None)
        return self._states.setdefault(state.station.id, state)

    def claim_state(self, station_id: int) -> StationState | None:
        """Give a state in memory to a station that has come back."""
        state = self._states.get(station_id)
        if state is not None:
            self._parked.pop(station_id, None)
        return state

    def drop_state(self, station_id: int) -> None:
        """Forget a state that may be wrong."""
        self._states.pop(station_id, None)
        self._parked.pop(station_id, None)
