"""The generated modules are what the generator writes today, and read as agreed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from schema_reference import schemas

from voltherd.ocpp import v2, v16
from voltherd.ocpp.scalars import WireType
from voltherd.ocpp.version import OcppVersion, messages

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "voltherd" / "ocpp"


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("generated")
    subprocess.run([sys.executable, "tools/generate_messages.py", "--out", str(out)], cwd=ROOT, check=True)
    return out


def test_regenerating_changes_nothing(fresh: Path) -> None:
    written = {path.relative_to(fresh): path.read_text("utf-8") for path in fresh.rglob("*.py")}
    committed = {path: (PACKAGE / path).read_text("utf-8") for path in written}
    assert len(written) > 30
    assert written == committed
    present = {p.relative_to(PACKAGE) for family in ("v16", "v2") for p in (PACKAGE / family).rglob("*.py")}
    assert present <= set(written)


def wire_types() -> list[type[WireType]]:
    return [getattr(family, name) for family in (v16, v2) for name in family.__all__ if name != "CustomDataType"]


@pytest.mark.parametrize("version", OcppVersion)
def test_every_message_is_exported_by_its_name(version: OcppVersion) -> None:
    family = v16 if version is OcppVersion.V16 else v2
    for action, spec in messages(version).items():
        assert getattr(family, f"{action}Request") is spec.request
        assert getattr(family, f"{action}Response", None) is spec.response


@pytest.mark.parametrize("wire_type", wire_types(), ids=lambda t: f"{t.__module__}.{t.__name__}")
def test_types_are_closed_keyword_only_and_outside_the_garbage_collector(wire_type: type[WireType]) -> None:
    config = wire_type.__struct_config__
    assert config.forbid_unknown_fields
    assert not config.gc
    assert all(field.required or field.default is msgspec.UNSET for field in msgspec.structs.fields(wire_type))
    if any(field.required for field in msgspec.structs.fields(wire_type)):
        with pytest.raises(TypeError):
            wire_type("positional")
    assert wire_type.__doc__


def test_no_sentence_of_the_schemas_is_copied() -> None:
    texts = "\n".join(path.read_text("utf-8") for path in PACKAGE.rglob("*.py")).lower()
    for version in (OcppVersion.V201, OcppVersion.V21):
        for schema in schemas(version).values():
            for definition in (schema, *schema.get("definitions", {}).values()):
                for content in (definition, *definition.get("properties", {}).values()):
                    description = " ".join(content.get("description", "").lower().split())
                    assert len(description) < 30 or description[:60] not in texts, description


def test_only_the_event_stream_expects_no_answer() -> None:
    silent = {action for version in OcppVersion for action, spec in messages(version).items() if spec.response is None}
    assert silent == {"NotifyPeriodicEventStream"}


def test_who_sends_what() -> None:
    specs = messages(OcppVersion.V21)
    assert specs["BootNotification"].sender == "station"
    assert specs["RequestStartTransaction"].sender == "csms"
    assert [spec.action for spec in specs.values() if spec.sender == "both"] == ["DataTransfer"]
    assert specs["AFRRSignal"].since is OcppVersion.V21
    assert specs["Reset"].since is OcppVersion.V201
