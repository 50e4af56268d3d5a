"""Charging by what vehicles tell (ISO 15118): needs are answered with a profile, plans are held to it (K15-K20)."""

from typing import Any

from voltherd.domain.charging_needs import ChargingNeeds as Needs
from voltherd.domain.charging_needs import EvNeeds, Supply, offered
from voltherd.domain.charging_profile import InstalledProfile, ProfileShown, SetChargingProfile
from voltherd.domain.charging_schedule import ChargingSchedule
from voltherd.domain.ev_schedule import exceeds
from voltherd.domain.transaction import Transaction
from voltherd.services.charging_limits import ChargingLimits
from voltherd.services.documents import Documents
from voltherd.services.effects import observe
from voltherd.services.state import StationState
from voltherd.services.work import FOLLOW_UP_AFTER_S, Work

OFFERS_FROM = 0x5000_0000
"""Profiles that answer needs have this id plus the EVSE: a new one replaces the one before (K01.FR.05)."""
BY_NEEDS = "rule: the vehicle told its needs (K15.FR.07)"
BY_EXCESS = "rule: the vehicle's schedule goes beyond the offer (K15.FR.13)"
DYNAMIC = "DynamicControl"
PATIENCE = 3
"""After so many plans beyond the offer in a row, the next offers come slower."""
MAX_PAUSE_S = 30.0


class ChargingNeeds:
    """Keeps needs and schedules of vehicles, per EVSE, and asks for the profiles that they lead to."""

    def __init__(self, documents: Documents, limits: ChargingLimits) -> None:
        self._documents = documents
        self._limits = limits

    def require(self, state: StationState) -> None:
        """Read all that is decided upon. Raises NotLoaded, so it comes before anything is changed."""
        self._documents.held(state, Needs)
        self._documents.held(state, InstalledProfile)
        self._limits.held(state)

    def told(self, state: StationState, work: Work, evse_no: int, needs: EvNeeds, raw: dict[str, Any]) -> bool:
        """Keep what a vehicle needs, and send a profile for it a moment later (K15.FR.03, K17.FR.03, K18.FR.03).

        False where no transaction is known that a profile could be for (K15.FR.04). Raises NotLoaded.
        """
        self.require(state)
        held = self._documents.held(state, Needs)
        transaction = _transaction(state, evse_no)
        known = held.get(str(evse_no))
        same = known is not None and transaction is not None and known.transaction_id == transaction.transaction_id
        document = known if same and known is not None else Needs(state="", evse_no=evse_no)
        document.state = "Accepted" if transaction else "Rejected"
        document.transaction_id = transaction.transaction_id if transaction else ""
        document.needs, document.needs_at_ms = raw, work.now_ms
        document.max_schedule_tuples, document.control_mode = needs.max_tuples, needs.control_mode
        self._documents.keep(state, work, document)
        if transaction is not None:
            self._offer(state, work, evse_no, transaction, needs, BY_NEEDS)
        return transaction is not None

    def planned(
        self,
        state: StationState,
        work: Work,
        evse_no: int,
        schedule: ChargingSchedule,
        time_base: str,
        raw: dict[str, Any],
        *,
        needs: EvNeeds | None,
        selected: int | None,
    ) -> bool:
        """Keep a vehicle's schedule; False and a new offer where it goes beyond ours (K15.FR.11-13, K16.FR.06-08).

        Raises NotLoaded. Where no offer is known there is nothing to go beyond.
        """
        self.require(state)
        held = self._documents.held(state, Needs)
        transaction = _transaction(state, evse_no)
        offer = self._offer_of(state, transaction)
        document = held.get(str(evse_no)) or Needs(state="", evse_no=evse_no)
        dynamic = document.control_mode == DYNAMIC
        accepted = offer is None or dynamic or _is_within(offer, schedule, time_base, selected)
        document.ev_schedule, document.ev_schedule_at_ms = raw, work.now_ms
        document.ev_schedule_answer = "Accepted" if accepted else "Rejected"
        document.ev_schedule_rejections = 0 if accepted else document.ev_schedule_rejections + 1
        self._documents.keep(state, work, document)
        if offer is not None and accepted:
            self._keeps_to(state, work, offer)
        elif offer is not None and transaction is not None:
            needs, again = needs or EvNeeds(transfer="AC_three_phase"), document.ev_schedule_rejections
            self._offer(state, work, evse_no, transaction, needs, BY_EXCESS, again)
        return accepted

    def raw_needs(self, state: StationState, evse_no: int) -> Needs | None:
        """Give what a vehicle told last on an EVSE. Raises NotLoaded."""
        return self._documents.held(state, Needs).get(str(evse_no))

    def _keeps_to(self, state: StationState, work: Work, offer: InstalledProfile) -> None:
        words = "the vehicle's schedule keeps to it"
        offer.verified, offer.verified_by, offer.finding = True, "vehicle's schedule", ""
        self._documents.keep(state, work, offer)
        observe(state, work, ProfileShown(offer.profile_id, words))

    def _offer(
        self,
        state: StationState,
        work: Work,
        evse_no: int,
        transaction: Transaction,
        needs: EvNeeds,
        because: str,
        rejections: int = 0,
    ) -> None:
        limit_a, limit_w = self._limits.constraint(state, evse_no, work.now_ms)
        evse = state.evses.get(evse_no)
        supply = Supply(
            max_power_w=evse.max_power_w if evse else None,
            phases=evse.phases if evse else None,
            limit_a=limit_a,
            limit_w=limit_w,
        )
        before = self._offer_of(state, transaction)
        profile_id = before.profile_id if before is not None and before.stack_level == 0 else OFFERS_FROM + evse_no
        profile = offered(profile_id, transaction.transaction_id, needs, supply, work.now_ms)
        command = SetChargingProfile(profile=profile, evse_id=evse_no, exact=True)
        work.follow_up(command, because, after_s=_pause_s(rejections))

    def _offer_of(self, state: StationState, transaction: Transaction | None) -> InstalledProfile | None:
        """Give the profile of a transaction that holds now: of several the highest level."""
        if transaction is None:
            return None
        found = [
            item
            for item in self._documents.held(state, InstalledProfile).values()
            if item.transaction_id == transaction.transaction_id and (item.in_force or item.state == "intended")
        ]
        return max(found, key=lambda item: item.stack_level, default=None)


def _pause_s(rejections: int) -> float:
    """Give how long to wait with an offer: longer and longer for a vehicle that goes beyond every one."""
    return min(MAX_PAUSE_S, FOLLOW_UP_AFTER_S * 2.0 ** max(0, min(rejections, 16) - PATIENCE))


def _is_within(offer: InstalledProfile, schedule: ChargingSchedule, time_base: str, selected: int | None) -> bool:
    """Whether a plan keeps to an offer; one whose answer is not recorded yet may be what the vehicle has seen."""
    found = [profile for profile in (offer.wanted, offer.profile) if profile is not None]
    return any(not exceeds(schedule, time_base, profile, selected) for profile in found)


def _transaction(state: StationState, evse_no: int) -> Transaction | None:
    """Give the transaction named last on an EVSE; one that named no EVSE yet counts where it is the only one open."""
    found = state.open_on(evse_no)
    if found is not None:
        return found
    placeless = [item for item in state.active() if not item.evse_no]
    return placeless[-1] if len(placeless) == 1 else None
