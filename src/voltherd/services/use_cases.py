"""All use cases in one place: what handlers, translations and the API call."""

from typing import NamedTuple

from voltherd.services.authorization import Tokens
from voltherd.services.availability import Availability
from voltherd.services.battery_swaps import BatterySwaps
from voltherd.services.certificates import Certificates
from voltherd.services.charging_profiles import ChargingProfiles
from voltherd.services.contract_certificates import ContractCertificates
from voltherd.services.credentials import Credentials
from voltherd.services.data_transfer import DataTransfers
from voltherd.services.dependencies import Dependencies
from voltherd.services.der_control import DerControl
from voltherd.services.device_model import DeviceModel
from voltherd.services.diagnostics import Diagnostics
from voltherd.services.display_messages import DisplayMessages
from voltherd.services.documents import Documents
from voltherd.services.firmware import Firmware
from voltherd.services.local_lists import LocalLists
from voltherd.services.metering import Metering
from voltherd.services.network_profiles import NetworkProfiles
from voltherd.services.provisioning import Provisioning
from voltherd.services.reservations import Reservations
from voltherd.services.tariffs import Tariffs
from voltherd.services.transactions import Transactions
from voltherd.services.v2x import V2x
from voltherd.services.web_payments import WebPayments


class Services(NamedTuple):
    """The use cases, one per functional block."""

    provisioning: Provisioning
    availability: Availability
    authorization: Tokens
    transactions: Transactions
    metering: Metering
    device_model: DeviceModel
    data_transfer: DataTransfers
    documents: Documents
    credentials: Credentials
    battery_swaps: BatterySwaps
    certificates: Certificates
    contracts: ContractCertificates
    charging_profiles: ChargingProfiles
    der_control: DerControl
    diagnostics: Diagnostics
    display_messages: DisplayMessages
    firmware: Firmware
    local_lists: LocalLists
    network_profiles: NetworkProfiles
    reservations: Reservations
    tariffs: Tariffs
    v2x: V2x
    web_payments: WebPayments


def build(
    needs: Dependencies, *, provisioning: Provisioning, transactions: Transactions, metering: Metering
) -> Services:
    """Make the use cases; those given have settings or parts of their own."""
    reservations, certificates = Reservations(needs), Certificates(needs)
    transactions.use_reservations(reservations)
    charging_profiles = ChargingProfiles(needs)
    transactions.use_profiles(charging_profiles)
    needs.tokens.use_settings(needs.settings, needs.web)
    return Services(
        provisioning=provisioning,
        availability=Availability(needs),
        authorization=needs.tokens,
        transactions=transactions,
        metering=metering,
        device_model=DeviceModel(needs),
        data_transfer=DataTransfers(needs.documents),
        documents=needs.documents,
        credentials=Credentials(needs),
        battery_swaps=BatterySwaps(needs),
        certificates=certificates,
        contracts=ContractCertificates(needs.settings, needs.clock_ms, certificates),
        charging_profiles=charging_profiles,
        der_control=DerControl(needs),
        diagnostics=Diagnostics(needs),
        display_messages=DisplayMessages(needs),
        firmware=Firmware(needs),
        local_lists=LocalLists(needs),
        network_profiles=NetworkProfiles(needs),
        reservations=reservations,
        tariffs=Tariffs(needs),
        web_payments=WebPayments(needs.settings, needs.stations, needs.clock_ms),
        v2x=V2x(needs),
    )
