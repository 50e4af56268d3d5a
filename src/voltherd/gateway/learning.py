"""Learning from answers: what is recorded once a station answered, and what our rules then ask of it."""

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

import msgspec

from voltherd.domain.errors import VoltherdError
from voltherd.gateway.calling import command_of
from voltherd.gateway.routing import Here
from voltherd.ocpp.errors import OcppError
from voltherd.ocpp.frames import Call, decode_frame
from voltherd.ocpp.payload import decode_request, decode_response
from voltherd.ocpp.rpc import PendingCall
from voltherd.services.work import FollowUp, NotLoaded, Work

if TYPE_CHECKING:
    from voltherd.gateway.node import Node
    from voltherd.gateway.session import Session

log = logging.getLogger("voltherd.gateway")


class Learning:
    """Of one node: calls the functions that handlers registered with `@routes.learn`."""

    def __init__(self, node: "Node") -> None:
        self._node = node

    def follow_up(self, work: Work) -> None:
        """Ask the station what the rules want after its message was answered."""
        for wanted in work.follow_ups or ():
            self._node.spawn(self._follow_up(work, wanted))

    async def _follow_up(self, work: Work, wanted: FollowUp) -> None:
        await asyncio.sleep(wanted.after_s)
        try:
            await self._node.commands.submit(
                work.identity, wanted.command, requested_by=wanted.because, tenant_id=work.tenant_id
            )
        except VoltherdError as error:
            log.warning("station %s: %s was not sent: %s", work.identity, wanted.command.name, error)

    async def learn(self, session: "Session", action: str, request: msgspec.Struct, response: msgspec.Struct) -> None:
        """Record what is known now that the station answered a request of ours."""
        function, state = self._node.routes[session.version].learned.get(action), session.state
        if function is None or state is None:
            return
        while True:
            work = Work(self._node.clock_ms(), state.station.tenant_id, state.station.identity)
            try:
                function(Here(self._node.services, state, work, session.version), request, response)
                break
            except NotLoaded as gap:
                await gap.load()
        if work.records:
            await self._node.journal.committed(work.records)
            self._node.published(work)
        self.follow_up(work)

    async def learn_from(
        self, session: "Session", action: str, payload: bytes | msgspec.Raw, answer: bytes | msgspec.Raw
    ) -> None:
        """Record what a request did, as far as it and its answer can be understood."""
        if action not in self._node.routes[session.version].learned:
            return
        with contextlib.suppress(OcppError):
            request = decode_request(session.version, action, payload)
            await self.learn(session, action, request, decode_response(session.version, action, answer))

    def learn_late(self, session: "Session", call: PendingCall, answer: msgspec.Raw) -> None:
        """Take over an answer that came when nobody waited for it any more: what the station did, it did."""
        self._node.spawn(self._learn_late(session, call, bytes(answer)))

    async def _learn_late(self, session: "Session", call: PendingCall, answer: bytes) -> None:
        request = decode_frame(call.frame)
        try:
            if isinstance(request, Call):
                await self.learn_from(session, call.action, request.payload, answer)
            if command_of(call) and session.state is not None:
                await self._node.commands.answered_late(session.state.station, command_of(call), answer)
        except Exception as error:  # what it changed in memory may be half: read it anew
            self._node.handler_failed(session, call.action, error)
