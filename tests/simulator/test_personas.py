"""Personas: what is shipped is complete and can be; what cannot be is said clearly."""

import pytest

from voltherd.ocpp.version import OcppVersion
from voltherd.simulator.personas import factory, of_table, persona, read
from voltherd.simulator.problems import FileError, UnknownError

ALL = list(factory().values())

OCPP_CONNECTORS = {"cType1", "cType2", "sType2", "cCCS1", "cCCS2", "cG105", "Pan", "Unknown"}


def test_at_least_twelve_are_shipped_and_among_them_those_that_were_asked_for():
    powers = {(one.evses[0].phases == 0, one.evses[0].max_power_w, len(one.evses)) for one in ALL}
    assert len(ALL) >= 12
    for kind in [(False, 11e3, 1), (False, 11e3, 2), (False, 22e3, 1), (False, 22e3, 2), (False, 7.4e3, 1)]:
        assert kind in powers
    for power_w in (50e3, 150e3, 350e3):
        assert any(is_dc and power == power_w for is_dc, power, _ in powers)
    assert persona("dc-park").shared_power_w < sum(spec.max_power_w for spec in persona("dc-park").evses)
    assert persona("v2g-dc").evses[0].max_discharge_w > 0
    assert persona("ac-der").ocpp == (OcppVersion.V21,)
    assert persona("slow-wallbox").quirks.answer_delay_s > 1
    assert persona("slow-wallbox").ocpp == (OcppVersion.V16,)
    assert len(persona("street-two-plugs").evses[0].connectors) == 2


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_names_fit_what_ocpp_allows(one):
    assert len(one.vendor) <= 20
    assert len(one.model) <= 20
    assert all(len(version) <= 50 for version in one.firmware)
    assert {name for spec in one.evse for name in spec.connectors} <= OCPP_CONNECTORS


@pytest.mark.parametrize("one", [one for one in ALL if one.drivers], ids=lambda one: one.name)
def test_vehicles_come_that_can_charge_there(one):
    for spec in one.evses:
        assert one.visitors(spec)


def test_a_persona_may_be_like_another():
    mine = of_table({"like": "ac-22-dual", "model": "Mine", "firmware": ["9.9"]}, "mine", "here")
    assert (mine.name, mine.model, mine.firmware, mine.vendor) == ("mine", "Mine", ("9.9",), "Lumera")
    assert mine.evses == persona("ac-22-dual").evses


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title = ", "box.toml: Invalid value"),
        ('title = "x"', "missing required field `vendor`"),
        ('like = "ac-11-single"\ncolour = "red"', "unknown field `colour`"),
        ('like = "nope"', "no persona 'nope'; there are ac-11-dual, "),
        ('like = "ac-11-single"\nvendor = "A vendor of twenty-one"', "at most 20 characters"),
        ('like = "ac-11-single"\n[[evse]]\nmax_power_w = 0', "0 (DC), 1 or 3 phases, a power"),
        (
            'like = "ac-11-single"\n[[evse]]\nmax_power_w = "much"',
            "Expected `float`, got `str` - at `$.evse[0].max_power_w`",
        ),
        ('like = "ac-11-single"\nevse = []', "needs at least one evse"),
        ('like = "ac-11-single"\nvehicles = ["Nope"]', "No vehicle 'Nope'"),
        ('like = "ac-11-single"\n[quirks]\nlazy = true', "unknown field `lazy`"),
        ('like = "ac-11-single"\n[quirks]\ntimestamps-local-zone = "Mars/Base"', "the zone 'Mars/Base' is unknown"),
    ],
)
def test_what_is_wrong_is_said_with_the_place(text, said):
    with pytest.raises(FileError) as error:
        read(text, "box", "box.toml")
    assert str(error.value).startswith("box.toml: ")
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_an_unknown_persona_is_named_with_those_there_are():
    with pytest.raises(UnknownError, match="no persona 'nope'; there are ac-11-dual"):
        persona("nope")
