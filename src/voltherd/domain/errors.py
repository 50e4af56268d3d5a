"""What can go wrong between an operator and a station, told in the operator's words.

VoltherdError
├── NotFound                    no such station, transaction, token, ...
├── Conflict                    the wish contradicts what is recorded
├── Invalid                     a value cannot be
├── Denied                      not signed in, or not allowed
├── StoreUnavailable            the records cannot be reached right now
└── StationError                a command that the station did not carry out
    ├── StationOffline          no connection
    ├── NotSent                 the wish contradicts what is known, so the station was asked nothing
    ├── NotSupportedByVersion   the station's OCPP version has no such message
    ├── PayloadInvalid          the payload is not valid for the version
    ├── CallRefused             the station answered with CALLERROR
    ├── NoAnswer                nothing came before the deadline
    └── AnswerInvalid           the station's answer breaks the schema
"""


class VoltherdError(Exception):
    """Base of all errors meant for people; the text is a full sentence."""

    title = "Something went wrong"


class NotFound(VoltherdError):
    """What was named does not exist (for this tenant)."""

    title = "Not found"


class Conflict(VoltherdError):
    """What is wanted contradicts what is recorded."""

    title = "Conflict"


class Invalid(VoltherdError):
    """A value is outside what it may be."""

    title = "Invalid value"


class Denied(VoltherdError):
    """The caller is not known (`signed_in` false) or may not do this."""

    title = "Not allowed"

    def __init__(self, message: str, *, signed_in: bool = False) -> None:
        super().__init__(message)
        self.signed_in = signed_in


class StoreUnavailable(VoltherdError):
    """The records cannot be reached; nothing was acknowledged."""

    title = "The store is not available"


class StationError(VoltherdError):
    """A command did not reach its goal at the station."""

    title = "The station did not do it"


class StationOffline(StationError):
    """The station has no connection to any node."""

    title = "The station is offline"


class NotSent(StationError):
    """What is wanted cannot be, by what is known here; the station was not asked."""

    title = "Nothing was sent to the station"


class NotSupportedByVersion(StationError):
    """The negotiated OCPP version has no message for this."""

    title = "Not supported by the station's OCPP version"


class PayloadInvalid(StationError):
    """The payload breaks the schema of the negotiated version; `ocpp_code` says how."""

    title = "The payload is not valid"

    def __init__(self, message: str, ocpp_code: str) -> None:
        super().__init__(message)
        self.ocpp_code = ocpp_code


class CallRefused(StationError):
    """The station answered CALLERROR with `ocpp_code`, as it was spelled on the wire."""

    title = "The station answered with an error"

    def __init__(self, message: str, ocpp_code: str, details: object = None) -> None:
        super().__init__(message)
        self.ocpp_code = ocpp_code
        self.details = details


class NoAnswer(StationError):
    """The station did not answer before the deadline, or its connection ended first."""

    title = "No answer in time"


class AnswerInvalid(StationError):
    """The station's answer breaks the schema; it is kept in the message log."""

    title = "The station's answer is not valid"
