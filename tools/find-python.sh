#!/bin/sh
# Prints the interpreter to set up with: the newest tested Python, else whatever there is (tools/setup.py then says what is missing).
if [ -x .venv/bin/python ] && .venv/bin/python -c '' 2>/dev/null; then
    echo .venv/bin/python
    exit 0
fi
for name in python3 python3.13 python3.12 python3.11 python3.14 python; do
    if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        echo "$name"
        exit 0
    fi
done
for name in python3 python; do
    if "$name" -c '' 2>/dev/null; then
        echo "$name"
        exit 0
    fi
done
echo "voltherd: no Python found. Install Python 3.11 or newer (Debian: apt install python3 python3-venv), then run make again." >&2
echo false
