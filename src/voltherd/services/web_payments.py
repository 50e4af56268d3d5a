"""Payment over a QR code at the station: checks what a driver's browser brought (2.1 C25)."""

from collections.abc import Callable

from voltherd.domain.errors import Invalid, NotFound
from voltherd.domain.station import DEFAULT_TENANT
from voltherd.domain.web_payment import VERSION_1, Scanned, is_valid, read_address
from voltherd.services.settings import Settings
from voltherd.services.settings import WebPayments as Setting
from voltherd.services.stations import Stations


class WebPayments:
    """Checks the addresses of dynamic QR codes."""

    def __init__(self, settings: Settings, stations: Stations, clock_ms: Callable[[], int]) -> None:
        self._settings = settings
        self._stations = stations
        self._clock_ms = clock_ms

    def check(self, address: str, *, tenant_id: int = DEFAULT_TENANT) -> Scanned:
        """Give what an address says, once its one-time password was found valid (C25.FR.07 to .09).

        Raises Invalid where it is not, or cannot be read; NotFound where there is no such station.
        """
        setting = self._settings.get(Setting, tenant_id=tenant_id)
        if not setting.url_template or not setting.shared_secret:
            raise NotFound("There are no web payments: url_template and shared_secret of the setting are not set.")
        found = read_address(setting.url_template, address)
        if found.version.lower() != VERSION_1:
            raise Invalid(f"One-time passwords of version {found.version!r} are not known; {VERSION_1} is.")
        at_s = self._clock_ms() // 1000
        if not is_valid(
            found.totp, setting.shared_secret, at_s, validity_s=setting.validity_time_s, length=setting.length
        ):
            raise Invalid("The one-time password is not valid, or not any more; scan the code again.")
        if found.station_id:
            self._stations.require(found.station_id, tenant_id=tenant_id)
        return found
