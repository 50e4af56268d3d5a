"""Example values of the OpenAPI document, made from the same types that the API answers with."""

from typing import Any

STATION: dict[str, Any] = {
    "station_id": "CP-0001",
    "name": "North car park 1",
    "status": "Charging",
    "online": True,
    "registration": "accepted",
    "ocpp_version": "2.0.1",
    "pinned_version": None,
    "vendor": "Example",
    "model": "Duo 22",
    "serial_number": "SN-4711",
    "firmware_version": "1.4.2",
    "site": "north",
    "security_profile": 1,
    "quirks": {
        "profile": "vestel-evc04",
        "title": "Vestel EVC04: readings without any value",
        "chosen_by": "boot",
        "switches": {"empty-samples": True, "no-ping": True},
        "overrides": {"no-ping": True},
    },
    "flags": [],
    "last_seen_at": "2026-05-04T08:30:12.345Z",
    "last_frame_age_s": 2.5,
    "connected_since": "2026-05-04T06:00:00.000Z",
    "booted_at": "2026-05-04T06:00:01.120Z",
    "boot_reason": "PowerUp",
    "iccid": None,
    "imsi": None,
    "power_w": 7360.0,
    "station_status": None,
    "items_per_message": None,
    "bytes_per_message": None,
    "evses": [
        {
            "evse_id": 1,
            "operational": True,
            "max_power_w": 22000.0,
            "status": "Charging",
            "power_w": 7360.0,
            "transaction_id": "174120381923328",
            "connectors": [
                {
                    "connector_id": 1,
                    "status": "Occupied",
                    "error_code": None,
                    "vendor_error_code": None,
                    "info": None,
                    "changed_at": "2026-05-04T08:02:44.000Z",
                }
            ],
        }
    ],
}
TRANSACTION: dict[str, Any] = {
    "id": "174120381923328",
    "transaction_id": "b1c9e0f2-6f0e-4c1c-9a4e-0c7e0f8f2a11",
    "station_id": "CP-0001",
    "evse_id": 1,
    "connector_id": 1,
    "id_token": "04A2B3C4",
    "id_token_type": "ISO14443",
    "authorization": "Accepted",
    "active": True,
    "charging_state": "Charging",
    "started_at": "2026-05-04T08:02:44.000Z",
    "stopped_at": None,
    "stop_reason": None,
    "meter_start_wh": 120400.0,
    "meter_last_wh": 123800.0,
    "meter_stop_wh": None,
    "energy_wh": 3400.0,
    "power_w": 7360.0,
    "soc_percent": 54.0,
    "cost": 6.07,
    "currency": "EUR",
    "limits": None,
    "offline": False,
    "inferred": False,
    "seq_gaps": [],
    "flags": [],
    "remote_start_id": None,
    "reservation_id": None,
    "close_reason": None,
    "ocpp_version": "2.0.1",
}
EVENT: dict[str, Any] = {
    "seq_no": 0,
    "kind": "Started",
    "trigger_reason": "CablePluggedIn",
    "timestamp": "2026-05-04T08:02:44.000Z",
    "received_at": "2026-05-04T08:02:44.310Z",
    "offline": False,
    "charging_state": "EVConnected",
    "stopped_reason": None,
    "id_token": None,
    "evse_id": 1,
    "details": {"timeSpentCharging": 1800},
}
METER_VALUE: dict[str, Any] = {
    "timestamp": "2026-05-04T08:30:00.000Z",
    "received_at": "2026-05-04T08:30:00.210Z",
    "measurand": "Energy.Active.Import.Register",
    "phase": None,
    "location": "Outlet",
    "context": "Sample.Periodic",
    "value": 123800.0,
    "unit": "Wh",
    "raw": "123.8",
    "raw_unit": "kWh",
    "signed_data": None,
    "signature": None,
}
COMMAND: dict[str, Any] = {
    "command_id": "174120381927424",
    "station_id": "CP-0001",
    "name": "remote-start",
    "state": "effect_seen",
    "requested_by": "anna",
    "created_at": "2026-05-04T08:02:40.000Z",
    "sent_at": "2026-05-04T08:02:40.004Z",
    "answered_at": "2026-05-04T08:02:40.120Z",
    "effect_at": "2026-05-04T08:02:44.310Z",
    "not_after": "2026-05-04T08:04:40.000Z",
    "request": {"id_token": "04A2B3C4", "evse_id": 1},
    "answer": {"status": "Accepted"},
    "error": None,
    "effect": "transaction started on EVSE 1",
}
TOKEN: dict[str, Any] = {
    "token": "04A2B3C4",
    "type": "ISO14443",
    "status": "accepted",
    "expires_at": "2027-01-01T00:00:00.000Z",
    "group_id": "fleet-a",
    "parent": None,
    "driver": "Anna",
    "prepaid_balance": None,
    "created_at": "2026-01-04T08:00:00.000Z",
}
MESSAGE: dict[str, Any] = {
    "id": "174120381931520",
    "station_id": "CP-0001",
    "at": "2026-05-04T08:30:12.345Z",
    "direction": "in",
    "message_type": "call",
    "message_id": "42",
    "action": "Heartbeat",
    "frame": '[2,"42","Heartbeat",{}]',
}
VARIABLE: dict[str, Any] = {
    "component": "OCPPCommCtrlr",
    "component_instance": None,
    "evse_id": None,
    "connector_id": None,
    "variable": "HeartbeatInterval",
    "variable_instance": None,
    "attribute": "Actual",
    "actual_value": "300",
    "desired_value": None,
    "apply_state": "reported",
    "mutability": "ReadWrite",
    "persistent": True,
    "constant": False,
    "data_type": "integer",
    "unit": "s",
    "min_limit": 10.0,
    "max_limit": None,
    "values_list": None,
    "supports_monitoring": False,
    "observed_at": "2026-05-04T06:00:03.000Z",
}
SESSION: dict[str, Any] = {
    "token": "vs_kept-by-the-client",
    "expires_at": "2026-05-04T20:30:00.000Z",
    "user": {"username": "anna", "role": "operator"},
}
ME: dict[str, Any] = {
    "username": "anna",
    "role": "operator",
    "kind": "user",
    "expires_at": "2026-05-04T20:30:00.000Z",
}
USER: dict[str, Any] = {
    "id": "174120381935616",
    "username": "anna",
    "role": "operator",
    "created_at": "2026-01-04T08:00:00.000Z",
}
KEY: dict[str, Any] = {
    "id": "174120381939712",
    "name": "energy dashboard",
    "role": "viewer",
    "created_at": "2026-01-04T08:00:00.000Z",
    "expires_at": None,
}
AUDIT: dict[str, Any] = {
    "id": "174120381943808",
    "at": "2026-05-04T08:30:12.345Z",
    "who": "anna",
    "what": "change",
    "entity": "setting onboarding",
    "before": '{"unknown_stations":"refuse"}',
    "after": '{"unknown_stations":"pending"}',
}


def page(item: dict[str, Any]) -> dict[str, Any]:
    """Make the example of a list."""
    return {"items": [item], "next": None}
