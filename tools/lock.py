"""Writes `requirements/lock.txt`: names, versions and hashes of all that development needs, everywhere.

`python tools/lock.py [--upgrade]`. Needs `uv` (`pip install uv`), which resolves for all Pythons and systems
at once. The file names no index and no path, so it installs from whatever index pip is set to; the hashes
hold wherever a file comes from.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements" / "lock.txt"
HEADER = "# Made by tools/lock.py. Install with: pip install --require-hashes -r requirements/lock.txt\n"
ALLOWED = re.compile(r"#.*|    # .*|    --hash=sha256:[0-9a-f]{64}( \\)?|[a-z0-9][a-z0-9.-]*==[^ ]+( ; [^\\]+)?( \\)?|")


def main() -> int:
    """Resolve, check that nothing but names, versions, markers and hashes came out, and write the file."""
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}:{Path.home() / '.local/bin'}") or shutil.which("uv")
    if uv is None:
        print("tools/lock.py needs uv: pip install uv", file=sys.stderr)
        return 1
    text = HEADER + _resolve(uv, sys.argv[1:])
    strange = [line for line in text.splitlines() if not ALLOWED.fullmatch(line) or "://" in line]
    if strange:
        print("not written, these lines do not belong into a lock:\n" + "\n".join(strange), file=sys.stderr)
        return 1
    LOCK.write_text(text, encoding="utf-8")
    return 0


def _resolve(uv: str, extra: list[str]) -> str:
    command = [uv, "pip", "compile", "pyproject.toml", "--quiet", "--group", "dev", "--all-extras"]
    command += ["--universal", "--python-version", "3.11", "--generate-hashes"]
    command += ["--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links"]
    if LOCK.exists() and "--upgrade" not in extra:
        command += ["--output-file", str(LOCK)]  # keeps the versions that are already locked
    result = subprocess.run([*command, *extra], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    if "--output-file" in command:
        return "".join(line for line in LOCK.read_text(encoding="utf-8").splitlines(True) if not line.startswith("#"))
    return result.stdout


if __name__ == "__main__":
    sys.exit(main())
