"""What a CSMS answers to messages about transactions: its number, and what it thinks of the token now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from voltherd.station.evse import Evse
from voltherd.station.transaction import Transaction, TransactionAnswer

if TYPE_CHECKING:
    from voltherd.station.core import StationCore


def take_number(transaction: Transaction, answer: Any) -> None:
    """Take the number of a 1.6 CSMS, before the message is let go."""
    if isinstance(answer, TransactionAnswer) and answer.csms_id is not None:
        transaction.csms_id = answer.csms_id


def take(core: StationCore, transaction: Transaction, answer: Any) -> None:
    """The CSMS has a message about a transaction: follow what it says of token, cost, limits and priority."""
    if not isinstance(answer, TransactionAnswer):
        return
    evse = core.evses.get(transaction.evse_id)
    if answer.info is not None and transaction.token is not None:
        core.authorization.learned(transaction.token, answer.info)
        if answer.info.group is not None:
            transaction.group = answer.info.group
    running = evse is not None and evse.transaction is transaction
    core.costs.answered(transaction, answer)
    if evse is None or not running:
        return
    core.transaction_limits.answered(evse, answer)
    if answer.priority is not None:
        core.smart_charging.prioritise(evse, answer.priority)
    if answer.info is not None and not answer.info.is_accepted and evse.permission is not None:
        _not_accepted(core, evse)


def _not_accepted(core: StationCore, evse: Evse) -> None:
    """The token was not valid after all (OCPP 2.0.1 E05, C15.FR.04 to C15.FR.07)."""
    if core.settings.switch("stop_on_invalid"):
        core.charging.lock.keep_for_owner(evse)
        core.charging.deauthorize(evse, "Deauthorized", "DeAuthorized")
    else:
        core.transaction_limits.token_is_invalid(evse)
