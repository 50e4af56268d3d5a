"""The reference names what there is, and nothing else."""

import re
from pathlib import Path

from voltherd.api.openapi import handlers
from voltherd.domain.catalogue import COMMANDS
from voltherd.services.settings import SETTINGS

from .conftest import World

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "rest-api.md"


async def test_every_endpoint_is_in_the_reference_and_nothing_else(world: World) -> None:
    text = REFERENCE.read_text(encoding="utf-8")
    table = text.partition("## Endpoints")[2].partition("\n## ")[0]
    documented = set(re.findall(r"`(GET|PUT|POST|DELETE) (/[^`?]*)`", table))
    existing = set()
    for path, method, _, _ in handlers(world.app):
        short = path.removeprefix("/api/v1")
        short = re.sub(r"/commands/[a-z][a-z0-9-]*$", "/commands/{name}", short)
        existing.add((method, re.sub(r"^/settings/.*", "/settings/{name}", short)))
    assert documented == existing


async def test_every_command_and_setting_is_in_the_reference() -> None:
    text = REFERENCE.read_text(encoding="utf-8")
    for name in [*COMMANDS, *SETTINGS]:
        assert f"`{name}`" in text, name
