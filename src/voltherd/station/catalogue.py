"""All functions of a station, and all settings they bring. A new function is one line here."""

from __future__ import annotations

from typing import Final, get_type_hints

from voltherd.station.authorization import Authorization
from voltherd.station.availability import Availability
from voltherd.station.battery_swap import BatterySwap
from voltherd.station.certificate import Certificates
from voltherd.station.charging import Charging
from voltherd.station.charging_needs import ChargingNeedsTold
from voltherd.station.clock_control import ClockControl
from voltherd.station.costs import Costs
from voltherd.station.customer import Customers
from voltherd.station.data_transfer import DataTransfer
from voltherd.station.der import Der
from voltherd.station.device_model import DeviceModel
from voltherd.station.display import Display
from voltherd.station.ev_certificate import EvCertificates
from voltherd.station.event_streams import EventStreams
from voltherd.station.firmware import Firmware
from voltherd.station.function import Function
from voltherd.station.keep_alive import KeepAlive
from voltherd.station.local_list import LocalList
from voltherd.station.logs import Logs
from voltherd.station.metering import Metering
from voltherd.station.monitoring import Monitoring
from voltherd.station.network import Network
from voltherd.station.payment import Payments
from voltherd.station.plug_and_charge import PlugAndCharge
from voltherd.station.provisioning import Provisioning
from voltherd.station.remote_control import RemoteControl
from voltherd.station.reservation import Reservations
from voltherd.station.reset import Reset
from voltherd.station.resumption import Resumption
from voltherd.station.security import Security
from voltherd.station.sensors import Sensors
from voltherd.station.settings import Table
from voltherd.station.smart_charging.dynamic import DynamicSchedules
from voltherd.station.smart_charging.external import ExternalLimits
from voltherd.station.smart_charging.function import SmartCharging
from voltherd.station.smart_charging.priority import PriorityCharging
from voltherd.station.tariff import Tariffs
from voltherd.station.transaction_limits import TransactionLimits
from voltherd.station.v2x import V2X


class Functions:
    """The functions of a station, by their names, in the order in which they hear of things."""

    provisioning: Provisioning
    clock_control: ClockControl
    keep_alive: KeepAlive
    device_model: DeviceModel
    sensors: Sensors
    monitoring: Monitoring
    event_streams: EventStreams
    display: Display
    data_transfer: DataTransfer
    battery_swap: BatterySwap
    payments: Payments
    local_list: LocalList
    authorization: Authorization
    reservations: Reservations
    availability: Availability
    metering: Metering
    charging: Charging
    transaction_limits: TransactionLimits
    costs: Costs
    tariffs: Tariffs
    resumption: Resumption
    plug_and_charge: PlugAndCharge
    smart_charging: SmartCharging
    external_limits: ExternalLimits
    priority_charging: PriorityCharging
    dynamic_schedules: DynamicSchedules
    charging_needs: ChargingNeedsTold
    v2x: V2X
    der: Der
    remote_control: RemoteControl
    reset: Reset
    certificates: Certificates
    ev_certificates: EvCertificates
    network: Network
    firmware: Firmware
    customers: Customers
    logs: Logs
    security: Security


FUNCTIONS: Final[dict[str, type[Function]]] = get_type_hints(Functions)

TABLE: Final = Table(tuple(setting for function in FUNCTIONS.values() for setting in function.SETTINGS))
