"""Settings: flags over environment over a TOML file over defaults, frozen, with units in their names."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct

from voltherd.domain.errors import Invalid

ENVIRONMENT_PREFIX = "VOLTHERD_"


class Settings(Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """All settings of a server. Each can be given in the TOML file and as `VOLTHERD_<NAME>`."""

    http: str = "127.0.0.1:8080"
    """Address of the dashboard and the API; port 0 takes a free one."""
    ocpp: str = "127.0.0.1:9000"
    """Address for stations (`ws://`)."""
    ocpp_tls: str | None = None
    """Address for stations over TLS (`wss://`); needs `tls_certificate` and `tls_key`."""
    tls_certificate: tuple[str, ...] = ()
    """PEM files of certificate chains; one ECDSA and one RSA chain may be given."""
    tls_key: tuple[str, ...] = ()
    """PEM files of the keys that belong to `tls_certificate`, in the same order."""
    tls_client_ca: str | None = None
    """PEM file of the authorities whose station certificates are trusted (security profile 3)."""
    tls_certification_ciphers: bool = False
    """Also take the TLS 1.2 suites without forward secrecy that the certification tests ask for."""
    data: str = "voltherd-data"
    """Directory of the embedded store and the server's secret."""
    database_url: str | None = None
    """`postgresql://...`; default: SQLite in `data`."""
    durability: Literal["commit", "none"] = "commit"
    """`commit`: answers leave after the commit. `none`: for measurements only; a crash loses what was answered."""
    bus_url: str | None = None
    """Reserved for several nodes; only one process is served now."""
    unknown_stations: Literal["refuse", "pending", "accept"] = "refuse"
    """What happens when a station that nobody created connects."""
    unknown_tokens: Literal["refuse", "accept"] = "refuse"
    """What happens when a token is presented that nobody created."""
    heartbeat_interval_s: int = 300
    boot_retry_interval_s: int = 60
    """Interval handed to stations that are pending or rejected; up to a quarter is added at random."""
    ping_interval_s: float = 60.0
    lease_s: float = 900.0
    """A socket without any frame for this long is closed; more than two heartbeat intervals."""
    max_message_bytes: int = 1_048_576
    handshake_timeout_s: float = 10.0
    check_answers: bool = False
    """Hold every answer of ours against the schema before it leaves, and refuse to send one that breaks it (tests)."""
    message_log: bool = True
    message_retention_days: int = 14
    drain_timeout_s: float = 10.0
    """How long a shutdown waits for what is being stored."""
    admin_password: str | None = None
    """Creates the user `admin` at the first start."""
    api_key: str | None = None
    """An API key that is valid from the start."""

    @property
    def store_url(self) -> str:
        """URL of the store."""
        return self.database_url or f"sqlite:///{Path(self.data, 'voltherd.db')}"


def load_settings(
    flags: Mapping[str, Any], *, config: Path | None = None, environment: Mapping[str, str] | None = None
) -> Settings:
    """Merge file, environment and flags (those that are not None). Raises Invalid with one clear line."""
    values = _from_file(config) if config is not None else {}
    values |= _from_environment(os.environ if environment is None else environment)
    values |= {name: value for name, value in flags.items() if value is not None}
    try:
        settings = msgspec.convert(values, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise Invalid(f"Setting not understood: {error}") from None
    _check(settings)
    return settings


def _from_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Invalid(f"The configuration file {path} cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Invalid(f"The configuration file {path} is not valid TOML: {error}.") from None


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in Settings.__struct_fields__:
        text = environment.get(ENVIRONMENT_PREFIX + name.upper())
        if text is not None and text != "":
            found[name] = text.split(os.pathsep) if name in ("tls_certificate", "tls_key") else text
    return found


def _check(settings: Settings) -> None:
    for name in ("http", "ocpp", "ocpp_tls"):
        address = getattr(settings, name)
        if address is not None:
            parse_address(address, name)
    if settings.ocpp_tls is not None and not settings.tls_certificate:
        raise Invalid("`ocpp_tls` needs `tls_certificate` and `tls_key`.")
    if len(settings.tls_certificate) != len(settings.tls_key):
        raise Invalid("`tls_certificate` and `tls_key` name the same number of files.")
    if settings.lease_s <= 2 * settings.heartbeat_interval_s:
        raise Invalid("`lease_s` must be more than two `heartbeat_interval_s`: stations may be silent for that long.")
    if settings.bus_url is not None:
        raise Invalid("`bus_url` is not supported yet: one process serves all stations.")


def parse_address(address: str, name: str) -> tuple[str, int]:
    """Split `host:port`. Raises Invalid."""
    host, separator, port = address.rpartition(":")
    if not separator or not port.isdigit() or int(port) > 65535:
        raise Invalid(f"`{name}` is an address such as 127.0.0.1:9000, not {address!r}.")
    return host.strip("[]") or "0.0.0.0", int(port)
