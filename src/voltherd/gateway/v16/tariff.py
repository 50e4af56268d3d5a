"""Price and cost in OCPP 1.6: the version has no message for them, so the Open Charge Alliance's vendor data is used.

It is told only to stations that say they take it (configuration key `CustomDisplayCostAndPrice`).
"""

from decimal import Decimal
from typing import Any, Final

from voltherd.domain.commands import DataTransfer, Outcome
from voltherd.domain.errors import PayloadInvalid
from voltherd.domain.tariff import CostUpdated
from voltherd.domain.time import format_ms
from voltherd.domain.transaction import Transaction
from voltherd.gateway.routing import Caller, Here
from voltherd.gateway.translating import outcome, transaction_named
from voltherd.gateway.v16.routes import routes
from voltherd.ocpp.v16 import DataTransferRequest, DataTransferResponse
from voltherd.services.data_transfer import as_text

VENDOR: Final = "org.openchargealliance.costmsg"
PRICE: Final = "rule: tell the driver's price (I01)"
FINAL_COST: Final = "rule: tell the total cost (I03)"


def ready(here: Here, *, fresh: bool = False) -> None:
    """Raise NotLoaded where it must be read whether the station takes price and cost."""
    here.services.tariffs.price_messages(here.state, here.work.now_ms, fresh=fresh)


def tell_price(here: Here, id_tag: str) -> None:
    """Tell a driver who identified the price; `ready` comes first."""
    tariffs = here.services.tariffs
    pricing = tariffs.price_messages(here.state, here.work.now_ms)
    if pricing is not None and pricing.tell_tariff:
        data = {"idToken": id_tag, "priceText": tariffs.wording(pricing)}
        here.work.follow_up(DataTransfer(vendor_id=VENDOR, message_id="SetUserPrice", data=data), PRICE)


def tell_cost(here: Here, transaction: Transaction) -> None:
    """Work out what a session comes to, and tell it: so far, or in the end; `ready` comes first."""
    tariffs = here.services.tariffs
    before = transaction.cost
    amount = tariffs.price(here.state, transaction, here.work.now_ms)
    pricing = tariffs.price_messages(here.state, here.work.now_ms)
    if amount is None or pricing is None or not transaction.transaction_id.isdecimal():
        return
    if transaction.active:
        tariffs.tell_by_call(here.state, here.work, transaction, pricing, amount)
    elif before != transaction.cost or transaction.stopped_received_ms == here.work.now_ms:
        tariffs.forget(here.state, transaction)
        data = {
            "transactionId": int(transaction.transaction_id),
            "cost": float(amount),
            "priceText": f"{amount:f} {transaction.currency}",
        }
        here.work.follow_up(DataTransfer(vendor_id=VENDOR, message_id="FinalCost", data=data), FINAL_COST)


@routes.translate
async def cost_updated(caller: Caller, command: CostUpdated) -> Outcome:
    """Show the driver the cost so far. Raises PayloadInvalid where neither amount nor price is there."""
    transaction = transaction_named(caller.state, command.transaction_id)
    amount = None if command.total_cost is None else Decimal(command.total_cost)
    if amount is None and transaction.cost is not None:
        amount = Decimal(repr(transaction.cost))
    if amount is None:
        words = "total_cost: no price of ours applies to this session, so the amount must be given."
        raise PayloadInvalid(words, "OccurrenceConstraintViolation")
    if not transaction.transaction_id.isdecimal():
        raise PayloadInvalid("transaction_id: no number that a 1.6 station would know.", "PropertyConstraintViolation")
    request = DataTransferRequest(
        vendor_id=VENDOR, message_id="RunningCost", data=as_text(_running(caller, transaction, amount))
    )
    return outcome(await caller.call(request, DataTransferResponse))


def _running(caller: Caller, transaction: Transaction, amount: Decimal) -> dict[str, Any]:
    connector = caller.state.connectors.get((transaction.evse_no, transaction.connector_no))
    idle = connector is not None and connector.status.startswith(("Suspended", "Finishing"))
    found: dict[str, Any] = {
        "transactionId": int(transaction.transaction_id),
        "timestamp": format_ms(transaction.meter_last_ms or transaction.started_at_ms),
        "meterValue": round(transaction.meter_last_wh or 0),
        "cost": float(amount),
        "state": "Idle" if idle else "Charging",
    }
    tariffs = caller.services.tariffs
    pricing = tariffs.pricing(caller.state)
    if pricing is not None:
        per_kwh, per_hour, flat = (float(price) for price in tariffs.unit_prices(pricing))
        found["chargingPrice"] = {"kWhPrice": per_kwh, "hourPrice": per_hour, "flatFee": flat}
        found["idlePrice"] = {"hourPrice": per_hour}
    return found
