"""Says which energy transfer a session may use, and keeps what it does with the battery (functional block Q)."""

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from voltherd.domain.id_token import token_key
from voltherd.domain.v2x import Operation, V2xSession, is_bidirectional
from voltherd.services import settings
from voltherd.services.abilities import V2X, Abilities
from voltherd.services.dependencies import Dependencies
from voltherd.services.keeping import drop_oldest
from voltherd.services.state import StationState
from voltherd.services.work import Work

ENDED = "ended"
REFUSED = "refused"


class V2x:
    """Says which energy transfer a session may use (functional block Q)."""

    def __init__(self, needs: Dependencies) -> None:
        self._documents = needs.documents
        self._settings = needs.settings
        self._abilities = Abilities(needs.records)
        self.now_ms = needs.clock_ms

    def held(self, state: StationState) -> dict[str, V2xSession]:
        """Give what is known of sessions. Raises NotLoaded."""
        return self._documents.held(state, V2xSession)

    def allowed(self, state: StationState, token: str, group: str | None, now_ms: int) -> Sequence[str]:
        """Give which kinds of transfer an accepted token may use; empty where that is not known (Q01.FR.01, .08).

        Raises NotLoaded. Stations that cannot do V2X are told nothing.
        """
        found = self._settings.get(settings.V2x, tenant_id=state.station.tenant_id)
        key = token_key(token)
        own = next((modes for name, modes in found.by_token.items() if token_key(name) == key), ())
        modes = own or found.by_group.get(group or "", ()) or found.allowed_energy_transfer
        return modes if modes and V2X in self._abilities.of(state, now_ms) else ()

    def require(self, state: StationState, now_ms: int) -> None:
        """Raise NotLoaded unless `allowed` can be answered."""
        found = self._settings.get(settings.V2x, tenant_id=state.station.tenant_id)
        if found.allowed_energy_transfer or found.by_group or found.by_token:
            self._abilities.of(state, now_ms)

    def permits(self, state: StationState, transaction_id: str, transfer: str) -> bool:
        """Whether a session may use a kind of transfer (Q01.FR.04); any where nothing was said. Raises NotLoaded."""
        session = self.held(state).get(transaction_id)
        return session is None or not session.allowed or transfer in session.allowed

    def _change(
        self, state: StationState, work: Work, transaction_id: str, evse_no: int, change: Callable[[V2xSession], None]
    ) -> None:
        document = V2xSession(state="", evse_no=evse_no, transaction_id=transaction_id)
        known = self.held(state).get(document.key)
        changed = replace(known if known is not None else document)
        changed.evse_no = changed.evse_no or evse_no
        change(changed)
        if changed.state not in (REFUSED, ENDED):
            changed.state = "bidirectional" if any(map(is_bidirectional, changed.allowed)) else "charging-only"
        self._documents.keep(state, work, changed)
        drop_oldest(self._documents, state, work, V2xSession, lambda session: session.state == ENDED)

    def authorised(
        self, state: StationState, work: Work, transaction_id: str, modes: Sequence[str], token: str
    ) -> None:
        """A session began with a token that may use these kinds of transfer."""

        def change(session: V2xSession) -> None:
            session.allowed, session.authorised_by = list(modes), f"token {token}"

        self._change(state, work, transaction_id, _evse_of(state, transaction_id), change)

    def allowed_changed(
        self, state: StationState, work: Work, transaction_id: str, modes: Sequence[str], answer: str
    ) -> None:
        """Record the answer to NotifyAllowedEnergyTransfer (Q02.FR.05): what was refused does not hold."""

        def change(session: V2xSession) -> None:
            session.answer = answer
            if answer == "Accepted":
                session.allowed, session.authorised_by, session.state = list(modes), "operator", ""
            elif not session.allowed:
                session.state = REFUSED

        self._change(state, work, transaction_id, _evse_of(state, transaction_id), change)

    def needs_told(
        self, state: StationState, work: Work, evse_no: int, requested: str, available: Sequence[str]
    ) -> None:
        """Record which transfer vehicle and station agreed on (Q01.FR.03). Raises NotLoaded."""
        self.held(state)
        transaction = state.open_on(evse_no)
        if transaction is None:
            return

        def change(session: V2xSession) -> None:
            session.requested, session.available = requested, list(available)

        self._change(state, work, transaction.transaction_id, evse_no, change)

    def operation_set(
        self,
        state: StationState,
        work: Work,
        operation: Operation,
        transaction_id: str,
        evse_no: int,
        profile_id: int,
        answer: str,
    ) -> None:
        """Record the answer to a wish for an operation mode; one that was refused changes nothing but `answer`."""

        def change(session: V2xSession) -> None:
            session.answer = answer
            if answer == "Accepted":
                session.wanted_mode, session.profile_id = operation.mode, profile_id
                session.setpoint_w, session.limit_w = operation.setpoint_w, operation.limit_w
                session.discharge_limit_w = operation.discharge_limit_w

        self._change(state, work, transaction_id, evse_no, change)

    def values_updated(
        self,
        state: StationState,
        work: Work,
        profile_id: int,
        *,
        setpoint_w: float | None,
        limit_w: float | None,
        discharge_limit_w: float | None,
    ) -> None:
        """Record values of a dynamic profile that the station took (Q04); None: as before. Raises NotLoaded."""
        for session in self.held(state).values():
            if session.profile_id == profile_id and session.state != ENDED:
                changed = replace(session)
                changed.setpoint_w = session.setpoint_w if setpoint_w is None else setpoint_w
                changed.limit_w = session.limit_w if limit_w is None else limit_w
                changed.discharge_limit_w = (
                    session.discharge_limit_w if discharge_limit_w is None else discharge_limit_w
                )
                self._documents.keep(state, work, changed)

    def operation_reported(self, state: StationState, work: Work, transaction_id: str, mode: str) -> None:
        """Record the operation mode that a station says is in force (K01.FR.110)."""

        def change(session: V2xSession) -> None:
            session.operation_mode = mode

        self._change(state, work, transaction_id, _evse_of(state, transaction_id), change)

    def ended(self, state: StationState, work: Work, transaction_id: str) -> None:
        """A session is over."""
        session = self.held(state).get(transaction_id)
        if session is not None and session.state != ENDED:
            self._documents.keep(state, work, replace(session, state=ENDED))


def _evse_of(state: StationState, transaction_id: str) -> int:
    transaction = state.transactions.get(transaction_id)
    return transaction.evse_no if transaction is not None else 0
