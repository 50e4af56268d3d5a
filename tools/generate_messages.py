"""Writes the wire types of `voltherd.ocpp` from the official JSON schemas.

The schemas come from the PyPI package `ocpp` (a development dependency). Run it after a change of the schemas or of
`tools/messages/catalog.py`; the result is committed, and a test holds it against a fresh run::

    python tools/generate_messages.py [--out DIRECTORY]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from messages import catalog, family, schema, write

_ROOT = Path(__file__).resolve().parent.parent


def generate(out: Path) -> list[Path]:
    """Write all generated modules below `out` (the place of `voltherd/ocpp`); returns the files."""
    v16 = write.Package("v16", "OCPP 1.6", schema.read("v16"), catalog.MODULES_16, catalog.ACTIONS_16, None)
    merged = family.merge(schema.read("v201"), schema.read("v21"))
    v2 = write.Package("v2", "OCPP 2.0.1 and 2.1", merged.model, catalog.MODULES_2, catalog.ACTIONS_2, merged)
    for package in (v16, v2):
        _check_catalog(package)
    table = write.narrowings(v2, merged)
    sources = {
        **{out / "v16" / name: source for name, source in v16.files()},
        **{out / "v2" / name: source for name, source in v2.files()},
        out / "narrowing_table.py": table,
    }
    for path, source in sources.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, "utf-8")
    _format(list(sources))
    return list(sources)


def _check_catalog(package: write.Package) -> None:
    actions = {name.removesuffix("Request") for name in package.model.messages if name.endswith("Request")}
    if difference := actions ^ set(package.actions):
        raise SystemExit(f"catalog.py and the schemas differ: {', '.join(sorted(difference))}")


def _format(paths: list[Path]) -> None:
    ruff = [sys.executable, "-m", "ruff"]
    config = ["--config", str(_ROOT / "pyproject.toml"), "--quiet", "--no-cache"]
    for command in (["check", "--select", "I", "--fix"], ["format"]):
        subprocess.run([*ruff, *command, *config, *map(str, paths)], check=True)


def main() -> None:
    """Parse the arguments and write."""
    parser = argparse.ArgumentParser(description="Write voltherd.ocpp's message types from the official schemas.")
    parser.add_argument("--out", type=Path, default=_ROOT / "src" / "voltherd" / "ocpp")
    for path in generate(parser.parse_args().out):
        print(path)


if __name__ == "__main__":
    main()
