"""`voltherd conformance`: how many of the certification cases of a CSMS, or of a station, hold."""

import sys
from typing import Annotated

import msgspec
from cyclopts import Parameter
from rich.console import Console

from voltherd.conformance.report import show, summarise
from voltherd.conformance.run import SUITES, Target, run
from voltherd.conformance.suite import VERSIONS, ConformanceError, Side


def conformance(
    *,
    side: Annotated[Side, Parameter(help="Who is under test: the CSMS, or the software station.")] = "csms",
    json: Annotated[bool, Parameter(help="Print the outcome as JSON.", negative="")] = False,
    versions: Annotated[str, Parameter(help="OCPP versions, separated by commas.")] = ",".join(VERSIONS),
    against: Annotated[
        str | None, Parameter(help="ws:// address of a running server, where stations connect; needs --api, --api-key.")
    ] = None,
    api: Annotated[str | None, Parameter(help="http:// address of that server's API.")] = None,
    api_key: Annotated[str | None, Parameter(help="An administrator's API key of that server.")] = None,
) -> None:
    """Run the certification cases of a CSMS: stations made by hand on one side, the REST API on the other.

    With --side station those of a station: the software station on one side, a CSMS made by hand on the other.
    Works in the source checkout, with the development packages. Without --against a server is started for it. A given
    server keeps the stations and tokens that the cases make. Exits with 1 when a case fails.
    """
    wanted = [version.strip() for version in versions.split(",") if version.strip()]
    unknown = [version for version in wanted if version not in VERSIONS]
    if unknown or not wanted:
        raise ConformanceError(f"There are cases of OCPP {', '.join(VERSIONS)}, not of {', '.join(unknown) or 'none'}.")
    target = _target(against, api, api_key)
    Console(stderr=True, highlight=False).print(
        f"running the cases of OCPP {', '.join(wanted)}; this takes a while", style="dim"
    )
    if side == "station" and target is not None:
        raise ConformanceError("--against gives a server to test; with --side station no server takes part.")
    report = summarise(run(wanted, target) if side == "csms" else run(wanted, suite=SUITES[side]))
    if json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(report), indent=2).decode() + "\n")
    else:
        show(report, Console(), side)
    if report.failed:
        sys.exit(1)


def _target(against: str | None, api: str | None, api_key: str | None) -> Target | None:
    if against is None and api is None and api_key is None:
        return None
    if against is None or api is None or api_key is None:
        raise ConformanceError("--against, --api and --api-key belong together: all three or none.")
    return Target(ocpp=against, api=api, api_key=api_key)
