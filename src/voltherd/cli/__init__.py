"""What a person types. Arguments are parsed here, the work is done elsewhere; every error is one clear line."""

import sys
from collections.abc import Sequence

import cyclopts

from voltherd import __version__
from voltherd.domain.errors import VoltherdError

COMMANDS = {
    "serve": "Run the charging station management system.",
    "demo": "Run it with 24 simulated stations, to look around.",
    "simulate": "Connect simulated stations to any OCPP server.",
    "scenario": "Run scripted stations against any CSMS.",
    "bench": "Measure what a message costs, beside two baselines.",
    "conformance": "Run the certification cases of a CSMS.",
}
"""Commands in the order of the help; each is the function of its name in the module of its name, loaded when called."""

app = cyclopts.App(
    name="voltherd",
    version=__version__,
    help="Charging station management for OCPP 1.6J, 2.0.1 and 2.1.",
    help_format="plaintext",
)
for order, (name, words) in enumerate(COMMANDS.items()):
    app.command(f"voltherd.cli.{name}:{name}", name=name, help=words, sort_key=order)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; exits with 1 on an error of the operator's world, 2 on wrong arguments."""
    try:
        app(sys.argv[1:] if arguments is None else arguments, exit_on_error=False, print_error=False)
    except cyclopts.CycloptsError as error:
        print(f"voltherd: {' '.join(str(error).split())} See voltherd --help.", file=sys.stderr)
        sys.exit(2)
    except VoltherdError as error:
        print(f"voltherd: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
