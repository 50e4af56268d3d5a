"""Extensions of other packages: found by their entry points, as an installed package has them."""

import logging
import sys
from pathlib import Path

import pytest

from voltherd.services.data_transfer import extensions, load_extensions

WASH = """
from msgspec import Struct
from voltherd.services.data_transfer import Desk, extensions

class Wash(Struct):
    programme: int

@extensions.from_station("com.example.wash", "Wash")
def wash(desk: Desk, request: Wash) -> None: ...
"""


def installed(folder: Path, name: str, text: str) -> None:
    """Lay a package down as pip does."""
    module = f"voltherd_test_{name}"
    (folder / f"{module}.py").write_text(text, encoding="utf-8")
    info = folder / f"{module}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(f"[voltherd.extensions]\n{name} = {module}\n", encoding="utf-8")


def test_extensions_of_other_packages_are_found_and_broken_ones_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    installed(tmp_path, "broken", "raise ImportError('no such brush')")
    installed(tmp_path, "wash", WASH)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    with caplog.at_level(logging.ERROR, "voltherd.extensions"):
        found = load_extensions.__wrapped__()
    try:
        assert found is extensions
        assert found.knows("com.example.wash")
        assert found.knows("org.openchargealliance.iso15118pnc")
        assert caplog.messages == ["the extension broken cannot be loaded: no such brush"]
    finally:
        del extensions.incoming["com.example.wash"]
        sys.modules.pop("voltherd_test_wash", None)
