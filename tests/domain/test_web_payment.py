import pytest

from voltherd.domain.errors import Invalid
from voltherd.domain.web_payment import ALPHABETS, check_template, is_valid, one_time_password, read_address

SECRET, AT_S = "sharedsecret1234", 1_700_000_000
TEMPLATE = "https://pay.example/{chargingstationid}/{evse}/{totp}/{version}"


def test_c25_the_password_is_that_of_the_published_algorithm() -> None:
    """Calculated with openssl and awk."""
    found = [one_time_password(SECRET, AT_S, validity_s=30, length=8, alphabet=letters) for letters in ALPHABETS]
    assert found == ["NHQDC10j", "KEMzA00g"]


@pytest.mark.parametrize(("late_s", "valid"), [(0, True), (30, True), (-30, True), (61, False), (-60, False)])
def test_c25_fr_07_the_interval_before_and_after_count_too(late_s: int, valid: bool) -> None:
    assert is_valid("KEMzA00g", SECRET, AT_S + late_s, validity_s=30, length=8) is valid


@pytest.mark.parametrize("password", ["", "KEMzA00", "KEMzA00G", "KEMzA00gX", "käse"])
def test_c25_fr_08_any_other_password_is_not_valid(password: str) -> None:
    assert not is_valid(password, SECRET, AT_S, validity_s=30, length=8)


def test_c25_fr_09_station_evse_and_limits_are_read() -> None:
    found = read_address(TEMPLATE, "https://PAY.example/North%201/2/abc/v1/?maxenergy=20000&maxtime=3600&maxcost=12.5")
    assert (found.station_id, found.evse_id, found.totp, found.version) == ("North 1", 2, "abc", "v1")
    assert (found.max_energy_wh, found.max_time_s, found.max_cost) == (20000, 3600, 12.5)


def test_c25_fr_60_other_parameters_are_left_alone() -> None:
    assert read_address(TEMPLATE, "https://pay.example/A/1/abc/v1?lang=de").max_cost is None


def test_places_in_the_query_are_read() -> None:
    found = read_address("https://pay.example/{roamingevseid}/{totp}?v={version}", "https://pay.example/DE*X*E1/p?v=v1")
    assert (found.roaming_evse_id, found.version, found.evse_id) == ("DE*X*E1", "v1", None)


@pytest.mark.parametrize(
    "address",
    [
        "https://pay.example/A/1/abc",
        "https://other.example/A/1/abc/v1",
        "http://pay.example/A/1/abc/v1",
        "https://pay.example/A/B/1/abc/v1",
        "https://pay.example/A/none/abc/v1",
        "https://pay.example/A/0/abc/v1",
        "https://pay.example/A/1/abc/v1?maxcost=-1",
        "https://pay.example/A/1/abc/v1?maxtime=1e9",
        "https://pay.example/A/1/abc/v1?maxenergy=" + "9" * 400,
        "nonsense",
        "https://pay.example/A/1/" + "x" * 3000 + "/v1",
    ],
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(Invalid):
        read_address(TEMPLATE, address)


@pytest.mark.parametrize(
    "template",
    [
        "https://pay.example/{chargingstationid}/{totp}",
        "https://pay.example/{totp}/{version}",
        "https://pay.example/{chargingstationid}/{totp}/{version}/{what}",
    ],
)
def test_c25_fr_50_a_template_names_password_version_and_station(template: str) -> None:
    with pytest.raises(ValueError, match="url_template"):
        check_template(template)
