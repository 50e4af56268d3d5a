from pathlib import Path

import pytest

from voltherd.config import Settings, load_settings
from voltherd.domain.errors import Invalid


def test_flags_come_before_environment_before_file(tmp_path: Path) -> None:
    file = tmp_path / "voltherd.toml"
    file.write_text('http = "127.0.0.1:1"\nocpp = "127.0.0.1:2"\nheartbeat_interval_s = 60\n')
    environment = {"VOLTHERD_OCPP": "127.0.0.1:3", "VOLTHERD_DATA": "from-environment"}
    settings = load_settings({"data": "from-flag", "http": None}, config=file, environment=environment)
    assert (settings.http, settings.ocpp, settings.data) == ("127.0.0.1:1", "127.0.0.1:3", "from-flag")
    assert settings.heartbeat_interval_s == 60


def test_numbers_and_truths_are_read_from_the_environment() -> None:
    settings = load_settings({}, environment={"VOLTHERD_LEASE_S": "1000.5", "VOLTHERD_MESSAGE_LOG": "false"})
    assert settings.lease_s == 1000.5
    assert settings.message_log is False


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"VOLTHERD_HTTP": "8080"}, "`http` is an address"),
        ({"VOLTHERD_OCPP": "127.0.0.1:99999"}, "`ocpp` is an address"),
        ({"VOLTHERD_LEASE_S": "60"}, "more than two"),
        ({"VOLTHERD_UNKNOWN_STATIONS": "maybe"}, "unknown_stations"),
        ({"VOLTHERD_OCPP_TLS": "127.0.0.1:9443"}, "tls_certificate"),
        ({"VOLTHERD_BUS_URL": "nats://127.0.0.1"}, "bus_url"),
    ],
)
def test_a_setting_that_cannot_be_is_told_in_one_line(environment: dict[str, str], words: str) -> None:
    with pytest.raises(Invalid, match=words) as found:
        load_settings({}, environment=environment)
    assert "\n" not in str(found.value)


def test_an_unknown_name_in_the_file_is_told(tmp_path: Path) -> None:
    file = tmp_path / "voltherd.toml"
    file.write_text("colour = 1\n")
    with pytest.raises(Invalid, match="colour"):
        load_settings({}, config=file, environment={})


def test_a_file_that_is_no_toml_is_told(tmp_path: Path) -> None:
    file = tmp_path / "voltherd.toml"
    file.write_text("= 1")
    with pytest.raises(Invalid, match="not valid TOML"):
        load_settings({}, config=file, environment={})


def test_every_setting_has_a_default_and_is_documented() -> None:
    documented = Path("docs/reference/settings.md").read_text(encoding="utf-8")
    missing = [name for name in Settings.__struct_fields__ if f"`{name}`" not in documented]
    assert not missing
