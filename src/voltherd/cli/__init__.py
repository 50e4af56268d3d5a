"""What a person types. Arguments are parsed here, the work is done elsewhere; every error is one clear line."""

import sys

import cyclopts

from voltherd import __version__
from voltherd.cli.bench import bench
from voltherd.cli.demo import demo
from voltherd.cli.serve import serve
from voltherd.cli.simulate import simulate
from voltherd.domain.errors import VoltherdError

app = cyclopts.App(
    name="voltherd",
    version=__version__,
    help="Charging station management for OCPP 1.6J, 2.0.1 and 2.1.",
    help_format="plaintext",
)
app.command(serve)
app.command(demo)
app.command(simulate)
app.command(bench)


def main() -> None:
    """Run the command line; exits with 1 on an error of the operator's world, 2 on wrong arguments."""
    try:
        app()
    except VoltherdError as error:
        print(f"voltherd: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
