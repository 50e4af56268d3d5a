"""What the schemas do not say: where an action belongs, who sends it and what it is for.

The texts are ours. A new version's action gets one line here; the generator refuses to run without it.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Action(NamedTuple):
    """One action: the module it is written to, who sends the request, and one line about it."""

    module: str
    sender: str
    purpose: str


MODULES_16: Final = {
    "core": "Core profile of OCPP 1.6",
    "firmware_management": "Firmware management profile of OCPP 1.6",
    "local_auth_list": "Local authorization list profile of OCPP 1.6",
    "remote_trigger": "Remote trigger profile of OCPP 1.6",
    "reservation": "Reservation profile of OCPP 1.6",
    "smart_charging": "Smart charging profile of OCPP 1.6",
    "security": "Security extension of OCPP 1.6 (the whitepaper's messages)",
}

MODULES_2: Final = {
    "security": "Security (functional block A)",
    "provisioning": "Provisioning (functional block B)",
    "authorization": "Authorization (functional block C)",
    "local_list": "Local authorization list (functional block D)",
    "transactions": "Transactions (functional block E)",
    "remote_control": "Remote control (functional block F)",
    "availability": "Availability (functional block G)",
    "reservation": "Reservation (functional block H)",
    "tariff_and_cost": "Tariff and cost, payment (functional blocks I and C)",
    "metering": "Meter values (functional block J)",
    "smart_charging": "Smart charging (functional block K)",
    "firmware": "Firmware (functional block L)",
    "certificates": "Certificates for ISO 15118 and TLS (functional block M)",
    "diagnostics": "Diagnostics and monitoring (functional block N)",
    "display_message": "Display messages (functional block O)",
    "data_transfer": "Data transfer (functional block P)",
    "v2x": "Bidirectional power transfer (functional block Q)",
    "der_control": "Distributed energy resources (functional block R)",
    "battery_swap": "Battery swapping (functional block S)",
}


def _parse(text: str) -> dict[str, Action]:
    actions: dict[str, Action] = {}
    module = ""
    for line in filter(None, map(str.strip, text.splitlines())):
        if line.endswith(":"):
            module = line[:-1]
            continue
        name, sender, purpose = line.split(" ", 2)
        actions[name] = Action(module, sender, purpose)
    return actions


ACTIONS_16: Final = _parse("""
core:
Authorize station Asks whether an ID tag may charge.
BootNotification station Asks to be taken on after start-up.
ChangeAvailability csms Puts a connector, or the station with connector 0, in or out of service.
ChangeConfiguration csms Sets one configuration key.
ClearCache csms Empties the authorization cache.
DataTransfer both Carries what a vendor agreed on beyond the protocol.
GetConfiguration csms Reads configuration keys; all of them if none is named.
Heartbeat station Shows life and fetches the time.
MeterValues station Reports meter readings of one connector.
RemoteStartTransaction csms Asks the station to start charging for an ID tag.
RemoteStopTransaction csms Asks the station to end a transaction.
Reset csms Restarts the station.
StartTransaction station Reports that a transaction began; the answer gives it its id.
StatusNotification station Reports the state or a fault of a connector.
StopTransaction station Reports that a transaction ended.
UnlockConnector csms Opens the lock of a connector.
firmware_management:
DiagnosticsStatusNotification station Reports how the upload of diagnostics goes.
FirmwareStatusNotification station Reports how a firmware update goes.
GetDiagnostics csms Asks for an upload of diagnostics to a location.
UpdateFirmware csms Asks to fetch and install firmware from a location.
local_auth_list:
GetLocalListVersion csms Asks for the version of the local authorization list.
SendLocalList csms Replaces or changes the local authorization list.
remote_trigger:
TriggerMessage csms Asks the station to send a message now.
reservation:
CancelReservation csms Gives a reserved connector back.
ReserveNow csms Reserves a connector for an ID tag until a time.
smart_charging:
ClearChargingProfile csms Removes charging profiles that match.
GetCompositeSchedule csms Asks which limit the installed profiles add up to.
SetChargingProfile csms Installs a charging profile.
security:
CertificateSigned csms Delivers the signed certificate a station asked for.
DeleteCertificate csms Removes an installed certificate.
ExtendedTriggerMessage csms Asks the station to send a message now, those of the security extension included.
GetInstalledCertificateIds csms Asks for the hashes of installed root certificates.
GetLog csms Asks for an upload of a log.
InstallCertificate csms Installs a root certificate.
LogStatusNotification station Reports how the upload of a log goes.
SecurityEventNotification station Reports a security event.
SignCertificate station Asks to have a certificate signing request signed.
SignedFirmwareStatusNotification station Reports how a signed firmware update goes.
SignedUpdateFirmware csms Asks to fetch, verify and install signed firmware.
""")

ACTIONS_2: Final = _parse("""
security:
CertificateSigned csms Delivers the signed certificate a station asked for.
SecurityEventNotification station Reports a security event.
SignCertificate station Asks to have a certificate signing request signed.
provisioning:
BootNotification station Asks to be taken on after start-up.
GetBaseReport csms Asks for a predefined report of the device model.
GetReport csms Asks for a report of chosen components and variables.
GetVariables csms Reads variables of the device model.
NotifyReport station Delivers one part of a device model report.
Reset csms Restarts the station or one EVSE.
SetNetworkProfile csms Stores the settings of a connection to a CSMS.
SetVariables csms Sets variables of the device model.
authorization:
Authorize station Asks whether an ID token may charge.
ClearCache csms Empties the authorization cache.
local_list:
GetLocalListVersion csms Asks for the version of the local authorization list.
SendLocalList csms Replaces or changes the local authorization list.
transactions:
GetTransactionStatus csms Asks whether a transaction goes on and messages of it wait.
TransactionEvent station Reports the start, a change or the end of a transaction.
remote_control:
RequestStartTransaction csms Asks the station to start charging for an ID token.
RequestStopTransaction csms Asks the station to end a transaction.
TriggerMessage csms Asks the station to send a message now.
UnlockConnector csms Opens the lock of a connector.
availability:
ChangeAvailability csms Puts the station, an EVSE or a connector in or out of service.
Heartbeat station Shows life and fetches the time.
StatusNotification station Reports the state of a connector.
reservation:
CancelReservation csms Gives a reservation back.
ReservationStatusUpdate station Reports that a reservation expired or was dropped.
ReserveNow csms Reserves an EVSE for an ID token until a time.
tariff_and_cost:
ChangeTransactionTariff csms Replaces the tariff of a running transaction.
ClearTariffs csms Removes tariffs from the station.
CostUpdated csms Tells the station what a transaction costs so far.
GetTariffs csms Asks which tariffs an EVSE has.
NotifySettlement station Reports how a payment at the terminal was settled.
NotifyWebPaymentStarted csms Tells the station that a driver is paying on the web for an EVSE.
SetDefaultTariff csms Sets the tariff of an EVSE for drivers without their own.
VatNumberValidation station Asks whether a VAT number is valid.
metering:
MeterValues station Reports meter readings of one EVSE outside of a transaction.
smart_charging:
ClearChargingProfile csms Removes charging profiles that match.
ClearedChargingLimit station Reports that an external limit is gone.
GetChargingProfiles csms Asks for a report of installed charging profiles.
GetCompositeSchedule csms Asks which limit the installed profiles add up to.
NotifyChargingLimit station Reports a limit that another system has set.
NotifyEVChargingNeeds station Reports what the EV needs (ISO 15118).
NotifyEVChargingSchedule station Reports the schedule the EV plans to follow (ISO 15118).
NotifyPriorityCharging station Reports that priority charging was switched on or off.
PullDynamicScheduleUpdate station Asks for the current values of a dynamic profile.
ReportChargingProfiles station Delivers one part of a report of charging profiles.
SetChargingProfile csms Installs a charging profile.
UpdateDynamicSchedule csms Sets the current values of a dynamic profile.
UsePriorityCharging csms Switches priority charging of a transaction on or off.
firmware:
FirmwareStatusNotification station Reports how a firmware update goes.
PublishFirmware csms Asks a local controller to offer firmware to its stations.
PublishFirmwareStatusNotification station Reports how the offering of firmware goes.
UnpublishFirmware csms Asks a local controller to offer firmware no more.
UpdateFirmware csms Asks to fetch and install firmware from a location.
certificates:
DeleteCertificate csms Removes an installed certificate.
Get15118EVCertificate station Passes an EV's request for a contract certificate on.
GetCertificateChainStatus station Asks for the revocation status of a chain.
GetCertificateStatus station Asks for the OCSP status of a certificate.
GetInstalledCertificateIds csms Asks for the hashes of installed certificates.
InstallCertificate csms Installs a root certificate.
diagnostics:
AdjustPeriodicEventStream csms Changes how often a stream sends.
ClearVariableMonitoring csms Removes monitors.
ClosePeriodicEventStream station Ends a stream.
CustomerInformation csms Asks for, or for the removal of, what is stored about a customer.
GetLog csms Asks for an upload of a log.
GetMonitoringReport csms Asks for a report of monitors.
GetPeriodicEventStream csms Asks which streams are open.
LogStatusNotification station Reports how the upload of a log goes.
NotifyCustomerInformation station Delivers one part of what is stored about a customer.
NotifyEvent station Reports events of monitored variables.
NotifyMonitoringReport station Delivers one part of a report of monitors.
NotifyPeriodicEventStream station Sends the readings of a stream; nothing answers it.
OpenPeriodicEventStream station Opens a stream of readings of one variable.
SetMonitoringBase csms Switches to a base set of monitors.
SetMonitoringLevel csms Sets down to which severity events are reported.
SetVariableMonitoring csms Sets monitors on variables.
display_message:
ClearDisplayMessage csms Removes a message from the display.
GetDisplayMessages csms Asks for a report of messages for the display.
NotifyDisplayMessages station Delivers one part of a report of messages for the display.
SetDisplayMessage csms Shows a message on the display.
data_transfer:
DataTransfer both Carries what a vendor agreed on beyond the protocol.
v2x:
AFRRSignal csms Passes a frequency restoration signal of the grid operator on.
NotifyAllowedEnergyTransfer csms Changes which kinds of energy transfer a transaction may use.
der_control:
ClearDERControl csms Removes DER controls.
GetDERControl csms Asks for a report of DER controls.
NotifyDERAlarm station Reports a grid fault or its end.
NotifyDERStartStop station Reports that a DER control began or ended.
ReportDERControl station Delivers one part of a report of DER controls.
SetDERControl csms Sets a DER control.
battery_swap:
BatterySwap station Reports batteries that were put in or taken out.
RequestBatterySwap csms Asks the station to swap batteries for an ID token.
""")
