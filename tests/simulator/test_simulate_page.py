"""`docs/reference/simulate.md` says what there is: every option, persona, key, path and example."""

import inspect
import re
from pathlib import Path

import pytest

from voltherd.cli.simulate import simulate
from voltherd.simulator.control.routes import ROUTES
from voltherd.simulator.fleet_file import FleetTable, Group, Incident, read_fleet
from voltherd.simulator.habits import BY_HOUR, Habits
from voltherd.simulator.personas import EvseSpec, Persona, factory
from voltherd.simulator.personas.blocks import BLOCKS
from voltherd.simulator.quirks import Quirks
from voltherd.simulator.view import FleetView

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "simulate.md").read_text("utf-8")


def paths():
    found = []
    for route in ROUTES:
        found += [re.sub(r"\{identity:str\}", "{id}", path).replace("{evse_id:int}", "{n}") for path in route.paths]
    return found


@pytest.mark.parametrize("name", [name.replace("_", "-") for name in inspect.signature(simulate).parameters])
def test_every_option_is_there(name):
    assert f"`--{name}`" in PAGE


@pytest.mark.parametrize("name", [*factory(), *BLOCKS, *BY_HOUR])
def test_every_persona_block_and_distribution_is_there(name):
    assert f"`{name}`" in PAGE


@pytest.mark.parametrize(
    "kind", [FleetTable, Group, Incident, Habits, Persona, EvseSpec, Quirks], ids=lambda k: k.__name__
)
def test_every_key_is_there(kind):
    for name in kind.__struct_encode_fields__:
        if name not in ("name", "title", "weight", "vehicles", "swaps_batteries", "voltage_v"):
            assert re.search(rf"\b{re.escape(name)}\b", PAGE), name


@pytest.mark.parametrize("path", paths())
def test_every_path_of_the_control_port_is_there(path):
    last = "/" + path.rsplit("/", 1)[1]
    assert path in PAGE or f"`{last}`" in PAGE


@pytest.mark.parametrize("binding", FleetView.BINDINGS, ids=lambda binding: binding.key)
def test_every_key_of_the_view_is_there(binding):
    key = {"slash": "/"}.get(binding.key, binding.key)
    assert f"`{key}`" in PAGE


def test_the_examples_of_files_can_be_read(tmp_path):
    blocks = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "garage.csv").write_text("arrival,departure,kwh,station\n0,10,3.5,A\n")
    path = tmp_path / "fleet.toml"
    path.write_text(blocks[1] + blocks[0])
    fleet = read_fleet(path)
    assert [group.name for group in fleet.groups] == ["office", "GARAGE-"]
    assert fleet.personas["my-box"].vendor == "Acme"
    assert len(fleet.faults["office"]) == 1
