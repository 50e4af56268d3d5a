"""Checks the Python version, then sets the project up (`environment.py`).

Written so that any Python, however old, can read this file and print why it will not do.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036
    sys.stderr.write(
        "voltherd: Python %d.%d is too old: Voltherd needs 3.11 or newer. Install one "  # noqa: UP031
        "or name it: make PYTHON=/path/to/python3\n" % sys.version_info[:2]
    )
    sys.exit(1)

import environment

if __name__ == "__main__":
    sys.exit(environment.main())
