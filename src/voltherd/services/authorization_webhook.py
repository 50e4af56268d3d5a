"""Real-time authorisation: a web service of somebody else is asked about a token while the station waits."""

from collections.abc import Callable
from typing import Final, NamedTuple

import msgspec
from msgspec import Struct

from voltherd.domain.id_token import Authorization, Verdict, token_key
from voltherd.domain.time import format_ms, parse_rfc3339
from voltherd.services.ports import Web, WebError
from voltherd.services.settings import Authorization as Setting
from voltherd.services.settings import Settings
from voltherd.services.state import StationState
from voltherd.services.work import NotLoaded

MAX_ANSWER_BYTES: Final = 64 * 1024
STALE_MS: Final = 10_000
"""An answer is for the message that waits for it; where that message is gone, it is not used later."""
MANY: Final = 1000
_FALLBACK: Final[dict[str, Verdict]] = {"accept": "Accepted", "refuse": "Invalid"}


class Presented(NamedTuple):
    """A token as it was shown."""

    token: str
    token_type: str
    """Empty: of a 1.6 station."""
    starts: bool
    """Whether a session is to begin with it."""


class Question(Struct, kw_only=True, omit_defaults=True):
    """What the web service is told."""

    station_id: str
    id_token: str
    id_token_type: str = ""
    begins_session: bool = False
    by_record: Verdict
    """What our own records say."""
    at: str


class Answer(Struct, kw_only=True):
    """What the web service answers; fields beyond these are not looked at."""

    status: Verdict
    expires_at: str | None = None
    """RFC 3339."""
    group_id: str | None = None
    max_cost: str | None = None
    """Decimal text: no more than this may be spent (2.1)."""


class _Told(NamedTuple):
    verdict: Authorization | None
    """None: there was no usable answer."""
    at_ms: int


class Webhook:
    """Asks the service that the setting names; an answer serves the one message that wanted it."""

    def __init__(self, settings: Settings, web: Web, clock_ms: Callable[[], int]) -> None:
        self._settings = settings
        self._web = web
        self._clock_ms = clock_ms
        self._told: dict[tuple[int, str, str], _Told] = {}

    def decide(self, state: StationState, presented: Presented, by_record: Authorization) -> Authorization:
        """Give the service's verdict where it is to be asked, else that of our records. Raises NotLoaded."""
        setting = self._settings.get(Setting, tenant_id=state.station.tenant_id)
        if setting.webhook_url is None or (setting.ask == "undecided" and by_record.status != "Unknown"):
            return by_record
        key = (state.station.id, token_key(presented.token), presented.token_type)
        told = self._told.pop(key, None)
        if told is None or self._clock_ms() - told.at_ms > STALE_MS:

            async def load() -> None:
                verdict = await self._ask(setting, state, presented, by_record)
                self._remember(key, verdict)

            raise NotLoaded(load)
        return self._without_answer(setting, by_record) if told.verdict is None else told.verdict

    def _remember(self, key: tuple[int, str, str], verdict: Authorization | None) -> None:
        now_ms = self._clock_ms()
        if len(self._told) >= MANY:  # of messages that were never handled again
            self._told = {other: told for other, told in self._told.items() if now_ms - told.at_ms <= STALE_MS}
        self._told[key] = _Told(verdict, now_ms)

    @staticmethod
    def _without_answer(setting: Setting, by_record: Authorization) -> Authorization:
        status = _FALLBACK.get(setting.on_failure)
        return by_record if status is None else Authorization(status=status, group_id=by_record.group_id)

    async def _ask(
        self, setting: Setting, state: StationState, presented: Presented, by_record: Authorization
    ) -> Authorization | None:
        """Ask within the time that the setting gives; None where nothing usable came."""
        question = Question(
            station_id=state.station.identity,
            id_token=presented.token,
            id_token_type=presented.token_type,
            begins_session=presented.starts,
            by_record=by_record.status,
            at=format_ms(self._clock_ms()),
        )
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if setting.webhook_secret:
            headers["Authorization"] = f"Bearer {setting.webhook_secret}"
        try:
            found = await self._web.request(
                "POST",
                setting.webhook_url or "",
                body=msgspec.json.encode(question),
                headers=headers,
                timeout_s=setting.timeout_s,
                max_bytes=MAX_ANSWER_BYTES,
            )
        except WebError:
            return None
        return _verdict(found.body) if found.status == 200 else None


def _verdict(body: bytes) -> Authorization | None:
    """Read an answer. A limit that cannot be read makes all of it unusable: without it more would be allowed."""
    try:
        answer = msgspec.json.decode(body, type=Answer)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    expires_at_ms = None if answer.expires_at is None else parse_rfc3339(answer.expires_at)
    if answer.expires_at is not None and expires_at_ms is None:
        return None
    if answer.max_cost is not None and not _is_amount(answer.max_cost):
        return None
    return Authorization(
        status=answer.status, expires_at_ms=expires_at_ms, group_id=answer.group_id or None, max_cost=answer.max_cost
    )


def _is_amount(text: str) -> bool:
    whole, _, part = text.partition(".")
    return whole.isascii() and whole.isdigit() and len(whole) < 10 and (not part or (part.isascii() and part.isdigit()))
