"""The display: messages of the CSMS, and what drivers are told (OCPP 2.0.1 O01 to O06).

`core.display.shown(evse_id)` is what stands there now: one message that goes before everything (AlwaysFront), else
those in front, else the normal cycle, in which the words of the station to the driver stand first.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Final, Literal

import msgspec
from msgspec import Struct

from voltherd.ocpp.v2.enums import DisplayMessageStatusEnumType
from voltherd.station.device_model import deliver
from voltherd.station.evse import ConnectorState, Evse
from voltherd.station.function import Fact, Function
from voltherd.station.setting import Setting, number, switch, text
from voltherd.station.timers import Timer
from voltherd.station.transaction import Transaction

if TYPE_CHECKING:
    from voltherd.station.core import StationCore

ROOM: Final = "display"
MOST_MESSAGES: Final = 20
MESSAGES_PER_REPORT: Final = 5
CYCLE_S: Final = 10.0
"""How long each of several messages stands there."""

FORMATS: Final = ("ASCII", "UTF8", "URI")
FORMATS_V21: Final = (*FORMATS, "QRCODE")
STATES: Final = ("Charging", "Faulted", "Idle", "Unavailable")
STATES_V21: Final = (*STATES, "Suspended", "Discharging")
LANGUAGES: Final = ("en", "en-GB", "en-US", "de", "es", "fr", "it", "nl")

Priority = Literal["AlwaysFront", "InFront", "NormalCycle"]
PRIORITIES: Final = ("AlwaysFront", "InFront", "NormalCycle")
SetStatus = DisplayMessageStatusEnumType
Word = Literal["personal", "cost", "tariff", "instruction"]
"""What a station tells a driver of itself: a message of the token, what it costs, what to do."""


class Wording(Struct, frozen=True, kw_only=True):
    """A text in a format of OCPP and, where that was told, a language."""

    format: str
    content: str
    language: str | None = None


class Message(Struct, frozen=True, kw_only=True):
    """A message for the display.

    Attributes:
        state: of the station, in which alone it is shown; None for any.
        start_at, end_at: the time in which it is shown, as OCPP writes it.
        transaction_id: of the transaction with which it ends.
        component: which display (name, instance, EVSE), None for the main one.
        wordings: the same in several languages, the main one first.
    """

    id: int
    priority: Priority
    wordings: tuple[Wording, ...]
    state: str | None = None
    start_at: str | None = None
    end_at: str | None = None
    transaction_id: str | None = None
    component: tuple[str, str | None, int | None] | None = None


class Shown(Struct, frozen=True):
    """Something that stands on the display; `id` is that of a message of the CSMS, None for words of the station."""

    text: str
    format: str = "UTF8"
    id: int | None = None


class DisplayReport(Struct, frozen=True):
    """One part of a report on the messages."""

    request_id: int
    more: bool
    messages: tuple[Message, ...]


class Display(Function):
    """Keeps the messages, and knows which of them are to be seen."""

    __slots__ = ("_languages", "_messages", "_timer", "_words")

    SETTINGS: ClassVar[tuple[Setting, ...]] = (
        switch("display_available", True, None, "DisplayMessageCtrlr.Available", access="ReadOnly"),
        switch("display_enabled", True, None, "DisplayMessageCtrlr.Enabled"),
        number("personal_message_size", 512, None, "DisplayMessageCtrlr.PersonalMessageSize", unit=None,
               access="ReadOnly"),
        text("display_priorities", ",".join(PRIORITIES), None, "DisplayMessageCtrlr.SupportedPriorities",
             kind="MemberList", values=PRIORITIES, access="ReadOnly"),
        text("display_formats", ",".join(FORMATS), None, "DisplayMessageCtrlr.SupportedFormats",
             kind="MemberList", values=FORMATS_V21, access="ReadOnly"),
        text("display_states", ",".join(STATES), None, "DisplayMessageCtrlr.SupportedStates",
             kind="MemberList", values=STATES_V21, access="ReadOnly", since_v21=True),
        text("display_language", "en", None, "DisplayMessageCtrlr.Language", kind="OptionList", values=LANGUAGES,
             since_v21=True),
    )  # fmt: skip

    def __init__(self, core: StationCore) -> None:
        super().__init__(core)
        self._messages: dict[int, Message] | None = None
        self._words: dict[tuple[int, Word], str] | None = None
        self._languages: dict[int, str] | None = None
        self._timer: Timer | None = None

    @property
    def is_offered(self) -> bool:
        """1.6 knows nothing of displays."""
        return self.core.dialect.family == "2.x"

    def restore(self) -> None:
        """The messages survive a restart (OCPP 2.0.1 O01.FR.10)."""
        if self.core.is_v21:
            self.core.settings.fix("display_formats", ",".join(FORMATS_V21))
            self.core.settings.fix("display_states", ",".join(STATES_V21))
        for value in self.core.storage.all(ROOM).values():
            message = msgspec.json.decode(value, type=Message)
            self._messages = self._messages or {}
            self._messages[message.id] = message
        self._wait()

    # Messages of the CSMS --------------------------------------------------------------------

    @property
    def messages(self) -> list[Message]:
        """All of them, by id."""
        return sorted((self._messages or {}).values(), key=lambda message: message.id)

    def set(self, message: Message) -> tuple[SetStatus, str | None]:
        """Take a message, in the place of the one with its id; gives why not, where it is refused."""
        status, why = self._refusal(message)
        if status == "Accepted":
            if message.priority == "AlwaysFront":
                for other in [m for m in self.messages if m.priority == "AlwaysFront"]:
                    self._remove(other)
            self._messages = self._messages or {}
            self._messages[message.id] = message
            self.core.storage.keep(ROOM, str(message.id), msgspec.json.encode(message))
            self._wait()
        return status, why

    def _refusal(self, message: Message) -> tuple[SetStatus, str | None]:
        settings, core = self.core.settings, self.core
        if message.transaction_id is not None and core.charging.find(message.transaction_id) is None:
            return "UnknownTransaction", "That transaction does not go on here"
        if message.priority not in settings.members("display_priorities"):
            return "NotSupportedPriority", None
        if message.state is not None and message.state not in settings.members("display_states"):
            return "NotSupportedState", None
        formats = settings.members("display_formats")
        if any(wording.format not in formats for wording in message.wordings):
            return "NotSupportedMessageFormat", None
        if core.is_v21 and any(wording.language not in (None, *LANGUAGES) for wording in message.wordings):
            return "LanguageNotSupported", None
        replaced = {m.id for m in self.messages if m.id == message.id or self._gives_way(m, message)}
        if len(self.messages) - len(replaced) >= MOST_MESSAGES:
            return "Rejected", f"There are {MOST_MESSAGES} messages already"
        return "Accepted", None

    def _gives_way(self, old: Message, new: Message) -> bool:
        return old.priority == new.priority == "AlwaysFront"

    def clear(self, message_id: int) -> bool:
        """Remove a message; False if there is none of that id (OCPP 2.0.1 O05)."""
        message = (self._messages or {}).get(message_id)
        if message is None:
            return False
        self._remove(message)
        self._wait()
        return True

    def _remove(self, message: Message) -> None:
        assert self._messages is not None
        del self._messages[message.id]
        self._messages = self._messages or None
        self.core.storage.drop(ROOM, str(message.id))

    def report(self, request_id: int, messages: list[Message]) -> None:
        """Deliver messages in parts, after the answer to the request in hand (OCPP 2.0.1 O03, O04)."""
        size = MESSAGES_PER_REPORT
        parts = [tuple(messages[i : i + size]) for i in range(0, len(messages), size)]
        deliver(self.core, [DisplayReport(request_id, n < len(parts) - 1, part) for n, part in enumerate(parts)])

    # Words to the driver ---------------------------------------------------------------------

    def tell(self, evse_id: int, word: Word, text: str) -> None:
        """Tell the driver at an EVSE something of that kind, in the place of what was told of it; empty: no more."""
        words = self._words or {}
        words.pop((evse_id, word), None)
        if text:
            words[evse_id, word] = text
        self._words = words or None

    def prefer(self, evse_id: int, language: str | None) -> None:
        """Talk to the driver at an EVSE in a language (OCPP 2.0.1 O01.FR.08); None: nothing is known."""
        languages = self._languages or {}
        languages.pop(evse_id, None)
        if language is not None:
            languages[evse_id] = language
        self._languages = languages or None

    # What is to be seen ----------------------------------------------------------------------

    def shown(self, evse_id: int | None = None) -> tuple[Shown, ...]:
        """What stands on the display now, in the order of its cycle; of one EVSE, or of all."""
        if not self.core.settings.switch("display_enabled"):
            return ()
        visible = [message for message in self.messages if self._is_visible(message, evse_id)]
        for priority in ("AlwaysFront", "InFront"):
            chosen = [message for message in visible if message.priority == priority]
            if chosen:
                return tuple(self._worded(message, evse_id) for message in chosen)
        own = (Shown(said) for (place, _), said in (self._words or {}).items() if evse_id in (None, place))
        return (*own, *(self._worded(message, evse_id) for message in visible))

    def showing(self, evse_id: int | None = None) -> Shown | None:
        """The one of them whose turn it is."""
        shown = self.shown(evse_id)
        return shown[int(self.core.now / CYCLE_S) % len(shown)] if shown else None

    def _is_visible(self, message: Message, evse_id: int | None) -> bool:
        core = self.core
        start_at = core.clock.at(message.start_at, core.now) if message.start_at else None
        if start_at is not None and start_at > core.now:
            return False
        evses = [evse for evse in core.evses.values() if evse_id in (None, evse.id)]
        place = message.component[2] if message.component else None
        if place is not None:
            evses = [evse for evse in evses if evse.id == place]
        if message.transaction_id is not None:
            running = core.charging.find(message.transaction_id)
            evses = [evse for evse in evses if evse is running]
        return bool(evses) and (message.state is None or any(message.state in _states(evse) for evse in evses))

    def _worded(self, message: Message, evse_id: int | None) -> Shown:
        wording = _best(message.wordings, self._language(evse_id))
        return Shown(wording.content, wording.format, message.id)

    def _language(self, evse_id: int | None) -> str:
        default = self.core.settings.text("display_language") if self.core.is_v21 else "en"
        return (self._languages or {}).get(evse_id or 0, default)

    # Moments ---------------------------------------------------------------------------------

    def transaction_ended(self, evse: Evse, transaction: Transaction) -> None:
        """Its messages are done with (OCPP 2.0.1 O02.FR.02)."""
        for message in self.messages:
            if message.transaction_id == transaction.id:
                self._remove(message)
        self._words = {key: value for key, value in (self._words or {}).items() if key[0] != evse.id} or None
        self.prefer(evse.id, None)

    def clock_changed(self) -> None:
        """Ends have come nearer, or passed."""
        self._wait()

    def _wait(self) -> None:
        """Remove what is over, and wait for the next end (OCPP 2.0.1 O01.FR.07)."""
        core, ends = self.core, []
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for message in self.messages:
            end_at = core.clock.at(message.end_at, core.now) if message.end_at else None
            if end_at is not None and end_at <= core.now:
                self._remove(message)
            elif end_at is not None:
                ends.append(end_at)
        if ends:
            self._timer = core.timers.at(min(ends), self._wait)

    # The device model ------------------------------------------------------------------------

    def facts(self) -> Iterator[Fact]:
        """How many messages there are, and how many there can be."""
        yield Fact(
            component="DisplayMessageCtrlr",
            variable="DisplayMessages",
            value=str(len(self._messages or ())),
            kind="integer",
            most=MOST_MESSAGES,
        )


def _states(evse: Evse) -> set[str]:
    """The words of display messages that fit an EVSE now."""
    if evse.fault is not None:
        return {"Faulted"}
    if evse.transaction is None:
        out = all(evse.state(c) is ConnectorState.UNAVAILABLE for c in evse.connector_ids)
        return {"Unavailable"} if out else {"Idle"}
    if evse.charging_state != "Charging":
        return {"Suspended"}
    gives = evse.offer.setpoint_w is not None and evse.offer.setpoint_w < 0
    return {"Discharging"} if gives else {"Charging"}


def _best(wordings: tuple[Wording, ...], language: str) -> Wording:
    """The wording in a language, else in the same one of another country, else English, else the main one."""
    for wanted in (language.casefold(), language.partition("-")[0].casefold(), "en"):
        for wording in wordings:
            told = (wording.language or "").casefold()
            if told == wanted or told.partition("-")[0] == wanted:
                return wording
    return wordings[0]
