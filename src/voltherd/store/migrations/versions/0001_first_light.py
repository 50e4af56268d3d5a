"""First light: stations, transactions, metering, tokens, device model, commands, messages, access."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def integer(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, INTEGER, nullable=null, autoincrement=False)


def text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, TEXT, nullable=null)


def number(name: str) -> sa.Column[float]:
    return sa.Column(name, sa.Double(), nullable=True)


def boolean(name: str, *, null: bool = False) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=null)


def blob(name: str, *, null: bool = False) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(), nullable=null)


def where(sqlite: str, postgresql: str = "") -> dict[str, Any]:
    return {"sqlite_where": sa.text(sqlite), "postgresql_where": sa.text(postgresql or sqlite)}


def upgrade() -> None:
    op.create_table(
        "users",
        integer("id"),
        integer("tenant_id"),
        text("username"),
        text("password_hash"),
        text("role"),
        integer("created_at_ms"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("users_name", "users", ["tenant_id", "username"], unique=True)
    op.create_table(
        "api_keys",
        integer("id"),
        integer("tenant_id"),
        text("name"),
        blob("key_hash"),
        text("role"),
        integer("created_at_ms"),
        integer("expires_at_ms", null=True),
        integer("user_id", null=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("api_keys_expiry", "api_keys", ["expires_at_ms"])
    op.create_index("api_keys_hash", "api_keys", ["key_hash"], unique=True)
    op.create_table(
        "settings",
        integer("tenant_id"),
        text("name"),
        text("value"),
        integer("updated_at_ms"),
        sa.PrimaryKeyConstraint("tenant_id", "name"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "audit_log",
        integer("id"),
        integer("tenant_id"),
        integer("at_ms"),
        text("who"),
        text("what"),
        text("entity"),
        text("before", null=True),
        text("after", null=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("audit_log_of_tenant", "audit_log", ["tenant_id", "id"])
    op.create_table(
        "commands",
        integer("id"),
        integer("tenant_id"),
        integer("station_id"),
        text("name"),
        text("request"),
        text("state"),
        text("requested_by"),
        integer("created_at_ms"),
        integer("not_after_ms"),
        integer("sent_at_ms", null=True),
        integer("answered_at_ms", null=True),
        integer("effect_at_ms", null=True),
        text("answer", null=True),
        text("error", null=True),
        text("effect", null=True),
        sa.PrimaryKeyConstraint("id"),
        postgresql_with={"fillfactor": 80},
    )
    op.create_index("commands_by_state", "commands", ["station_id", "state"])
    op.create_index("commands_of_station", "commands", ["station_id", "id"])
    op.create_index("commands_of_tenant", "commands", ["tenant_id", "id"])
    op.create_table(
        "variables",
        integer("tenant_id"),
        integer("station_id"),
        text("component"),
        text("component_instance"),
        integer("evse_no"),
        integer("connector_no"),
        text("variable"),
        text("variable_instance"),
        text("attribute"),
        text("actual_value", null=True),
        text("desired_value", null=True),
        text("mutability", null=True),
        boolean("persistent", null=True),
        boolean("constant", null=True),
        text("data_type", null=True),
        text("unit", null=True),
        number("min_limit"),
        number("max_limit"),
        text("values_list", null=True),
        boolean("supports_monitoring", null=True),
        integer("observed_at_ms", null=True),
        text("apply_state"),
        sa.PrimaryKeyConstraint(
            "station_id",
            "component",
            "component_instance",
            "evse_no",
            "connector_no",
            "variable",
            "variable_instance",
            "attribute",
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "id_tokens",
        integer("tenant_id"),
        text("key"),
        text("token"),
        text("type"),
        text("status"),
        integer("expires_at_ms", null=True),
        text("group_id", null=True),
        text("parent", null=True),
        text("driver", null=True),
        integer("created_at_ms"),
        sa.PrimaryKeyConstraint("tenant_id", "key"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "message_rows",
        integer("id"),
        integer("tenant_id"),
        integer("station_id"),
        integer("from_ms"),
        text("actions"),
        blob("frames"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("message_rows_of_station", "message_rows", ["station_id", "from_ms", "id"])
    op.create_table(
        "inbound_messages",
        integer("tenant_id"),
        integer("station_id"),
        text("message_id"),
        blob("payload_hash"),
        blob("reply"),
        integer("at_ms"),
        integer("slot"),
        sa.PrimaryKeyConstraint("station_id", "slot"),
        sqlite_with_rowid=False,
        postgresql_with={"fillfactor": 80},
    )
    op.create_table(
        "meter_readings",
        integer("tenant_id"),
        integer("station_id"),
        integer("transaction"),
        integer("at_ms"),
        integer("evse_no"),
        integer("connector_no"),
        integer("digest"),
        integer("received_ms"),
        text("samples"),
    )
    op.create_index(
        "meter_readings_key",
        "meter_readings",
        ["transaction", "station_id", "at_ms", "evse_no", "connector_no", "digest"],
        unique=True,
    )
    op.create_table(
        "transactions",
        integer("id"),
        integer("tenant_id"),
        integer("station_id"),
        text("transaction_id"),
        integer("evse_no"),
        integer("connector_no"),
        text("id_token"),
        text("id_token_type"),
        text("authorization"),
        integer("started_at_ms"),
        integer("started_received_ms"),
        integer("stopped_at_ms", null=True),
        integer("stopped_received_ms", null=True),
        text("stop_reason"),
        text("stop_id_token"),
        number("meter_start_wh"),
        number("meter_last_wh"),
        integer("meter_last_ms", null=True),
        number("meter_stop_wh"),
        number("energy_wh"),
        number("power_w"),
        number("soc_percent"),
        boolean("active"),
        text("charging_state"),
        boolean("offline"),
        boolean("inferred"),
        integer("seq_no_first", null=True),
        integer("seq_no_last", null=True),
        text("seq_gaps"),
        integer("remote_start_id", null=True),
        integer("reservation_id", null=True),
        text("replay_key", null=True),
        text("flags"),
        text("close_reason"),
        text("ocpp_version"),
        integer("updated_ms"),
        text("token_key"),
        integer("number", null=True),
        sa.PrimaryKeyConstraint("id"),
        postgresql_with={"fillfactor": 80},
    )
    op.create_index("transactions_number", "transactions", ["station_id", "number"], **where("number IS NOT NULL"))
    op.create_index("transactions_of_station", "transactions", ["station_id", "started_at_ms", "id"])
    op.create_index("transactions_of_tenant", "transactions", ["tenant_id", "started_at_ms", "id"])
    op.create_index("transactions_of_token", "transactions", ["tenant_id", "token_key", "started_at_ms", "id"])
    op.create_index("transactions_open", "transactions", ["station_id", "evse_no"], **where("active"))
    op.create_index(
        "transactions_open_of_tenant", "transactions", ["tenant_id", "started_at_ms", "id"], **where("active")
    )
    op.create_index(
        "transactions_replay",
        "transactions",
        ["station_id", "replay_key"],
        unique=True,
        **where("replay_key IS NOT NULL"),
    )
    op.create_index("transactions_wire_id", "transactions", ["station_id", "transaction_id"], unique=True)
    op.create_table(
        "transaction_events",
        integer("tenant_id"),
        integer("station_id"),
        integer("transaction"),
        integer("seq_no"),
        text("kind"),
        text("trigger_reason"),
        integer("at_ms"),
        integer("received_ms"),
        boolean("offline"),
        text("charging_state"),
        text("stopped_reason"),
        text("id_token"),
        sa.PrimaryKeyConstraint("transaction", "seq_no", "kind", "at_ms"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "stations",
        integer("id"),
        integer("tenant_id"),
        text("identity"),
        text("name"),
        text("registration"),
        text("ocpp_version", null=True),
        text("pinned_version", null=True),
        integer("security_profile"),
        blob("password_hash", null=True),
        blob("offered_password_hash", null=True),
        text("site", null=True),
        text("vendor"),
        text("model"),
        text("serial_number"),
        text("firmware_version"),
        text("iccid"),
        text("imsi"),
        text("quirks", null=True),
        text("flags"),
        integer("items_per_message", null=True),
        integer("bytes_per_message", null=True),
        integer("booted_at_ms", null=True),
        text("boot_reason"),
        integer("last_seen_ms", null=True),
        integer("created_at_ms"),
        integer("deleted_at_ms", null=True),
        sa.PrimaryKeyConstraint("id"),
        postgresql_with={"fillfactor": 80},
    )
    op.create_index(
        "stations_identity", "stations", ["tenant_id", "identity"], unique=True, **where("deleted_at_ms IS NULL")
    )
    op.create_table(
        "evses",
        integer("tenant_id"),
        integer("station_id"),
        integer("evse_no"),
        boolean("operational", null=True),
        number("max_power_w"),
        integer("phases", null=True),
        sa.PrimaryKeyConstraint("station_id", "evse_no"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "connectors",
        integer("tenant_id"),
        integer("station_id"),
        integer("evse_no"),
        integer("connector_no"),
        text("status"),
        text("error_code"),
        text("vendor_error_code"),
        text("info"),
        integer("changed_at_ms"),
        integer("received_at_ms"),
        sa.PrimaryKeyConstraint("station_id", "evse_no", "connector_no"),
        sqlite_with_rowid=False,
        postgresql_with={"fillfactor": 80},
    )
    op.create_table(
        "status_intervals",
        integer("tenant_id"),
        integer("station_id"),
        integer("evse_no"),
        integer("connector_no"),
        integer("from_ms"),
        text("status"),
        text("error_code"),
        sa.PrimaryKeyConstraint("station_id", "evse_no", "connector_no", "from_ms"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "connections",
        integer("id"),
        integer("tenant_id"),
        integer("station_id"),
        integer("generation"),
        text("node"),
        integer("opened_at_ms"),
        text("ocpp_version"),
        text("peer"),
        integer("security_profile"),
        integer("closed_at_ms", null=True),
        integer("close_code", null=True),
        text("close_reason"),
        sa.PrimaryKeyConstraint("id"),
        postgresql_with={"fillfactor": 80},
    )
    op.create_index("connections_station", "connections", ["station_id", "id"])


def downgrade() -> None:
    for table in (
        "users",
        "api_keys",
        "settings",
        "audit_log",
        "commands",
        "variables",
        "id_tokens",
        "message_rows",
        "inbound_messages",
        "meter_readings",
        "transactions",
        "transaction_events",
        "stations",
        "evses",
        "connectors",
        "status_intervals",
        "connections",
    ):
        op.drop_table(table)
