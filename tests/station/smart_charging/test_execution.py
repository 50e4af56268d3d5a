"""What is offered is what the composite schedule says, at every second: random profiles, set and cleared on the way."""

from random import Random

import pytest

from support.charging_profiles import AC22, ProfileLine
from voltherd.ocpp.version import OcppVersion

LEAST_W = 6 * 690


def set_one(line, r, number):
    """Set some profile; it may well be refused."""
    purpose = r.choice(("TxDefaultProfile", "TxDefaultProfile", "TxProfile", "ChargingStationMaxProfile"))
    kind = r.choice(("Absolute", "Relative", "Recurring"))
    unit = r.choice("AW")
    starts = [0, *sorted(r.sample(range(1, 150), r.randrange(0, 4)))]
    more = {"id": number, "level": r.randrange(3), "purpose": purpose, "kind": kind, "unit": unit}
    if kind == "Recurring":
        more["recurrencyKind"] = "Daily"
    if kind != "Relative":
        more["start"] = r.randrange(-200, 100) - (86_400 if kind == "Recurring" else 0)
    if r.random() < 0.4:
        more["duration"] = r.randrange(10, 250)
    if r.random() < 0.2:
        more |= {"validFrom": line.at(r.randrange(-50, 100))}
    if r.random() < 0.2:
        more |= {"validTo": line.at(r.randrange(10, 200))}
    if purpose == "TxProfile":
        more["transactionId"] = line.transaction_id()
    evse_id = {"ChargingStationMaxProfile": 0, "TxProfile": 1}.get(purpose, r.randrange(2))
    periods = [(start, float(r.randrange(0, 40)) * (1 if unit == "A" else 690)) for start in starts]
    line.send(line.profile(*periods, **more), evse_id)


@pytest.mark.parametrize("version", list(OcppVersion))
@pytest.mark.parametrize("seed", range(12))
def test_the_offer_follows_the_composite_schedule_at_every_second(version, seed):
    r = Random(seed)
    line = ProfileLine(version, evses=(AC22,))
    line.charge(0.0)
    seen = set()
    for second in range(1, 400):
        line.core.advance(float(second))
        line.pump(float(second))
        if r.random() < 0.05:
            set_one(line, r, r.randrange(1, 8))
        if r.random() < 0.01:
            line.clear(id=r.randrange(1, 8))
        limit_w = line.composite(duration=1, unit="W")[0][1]
        expected = limit_w if limit_w >= LEAST_W else 0
        assert line.core.evses[1].offer.charge_limit_w == pytest.approx(expected, abs=0.1), second
        assert (line.state() == "SuspendedEVSE") is (expected == 0)
        seen.add(expected)
    assert len(seen) > 2


@pytest.mark.parametrize("seed", range(10))
def test_k04_fr_05_evses_together_never_take_more_than_the_station_may(seed):
    r = Random(seed)
    line = ProfileLine(OcppVersion.V201, evses=(AC22, AC22, AC22))
    free, took = {1, 2, 3}, 0.0
    for second in range(1, 400):
        line.core.advance(float(second))
        line.pump(float(second))
        if r.random() < 0.05:
            limit_a = float(r.randrange(0, 70))
            more = {"id": 1, "purpose": "ChargingStationMaxProfile", "unit": "A", "evse_id": 0}
            line.install((0, limit_a), (r.randrange(1, 100), limit_a / 2), **more)
        if r.random() < 0.05:
            line.install((0, float(r.randrange(0, 40))), id=2, evse_id=0)
        if r.random() < 0.05:
            evse_id = r.randrange(1, 4)
            if evse_id in free:
                line.charge(evse_id=evse_id)
                free.remove(evse_id)
            else:
                line.present(evse_id=evse_id)
                line.unplug(evse_id=evse_id)
                free.add(evse_id)
        offered_w = [evse.offer.charge_limit_w for evse in line.core.evses.values() if evse.id not in free]
        most_w = line.composite(0, duration=1, unit="W")[0][1]
        assert sum(offered_w) <= most_w + 0.5, second
        assert all(one == 0 or one >= LEAST_W - 0.1 for one in offered_w)
        took = max(took, sum(offered_w))
    assert took > 0
