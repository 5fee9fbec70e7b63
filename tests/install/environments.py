"""Fresh environments: the built wheel, installed into a new one for each Python that this machine has."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
UV = Path(sys.executable).with_name("uv")
PYTHONS = ("3.11", "3.12", "3.13")
# The last one would have every command compile the libraries again.
NOT_OURS = {"PYTHONPATH", "VIRTUAL_ENV", "PYTHONDONTWRITEBYTECODE"}
# Seconds for any one command; a first installation may have to download.
PATIENCE_S = 900


def run(*command: str | Path, cwd: Path = ROOT, code: int = 0) -> str:
    """Run a command that knows nothing of this repository and return what it prints."""
    environ = {key: value for key, value in os.environ.items() if key not in NOT_OURS}
    line = [str(part) for part in command]
    done = subprocess.run(line, cwd=cwd, env=environ, capture_output=True, text=True, check=False, timeout=PATIENCE_S)
    assert done.returncode == code, f"{' '.join(line)} ended with {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def interpreter(version: str) -> Path | None:
    """Return a Python of this version that runs here, or None."""
    if sys.version.startswith(f"{version}."):
        return Path(sys.executable)
    kept = sorted(Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")).glob(f"versions/{version}.*/bin/python"))
    candidates = [*kept, *([Path(found)] if (found := shutil.which(f"python{version}")) else [])]
    for path in candidates:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
        if said.stdout.startswith(f"Python {version}."):
            return path
    return None


@dataclass(frozen=True)
class Environment:
    """An environment with the core alone."""

    folder: Path

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    @property
    def packages(self) -> Path:
        return next(self.folder.glob("lib/python3.*/site-packages"))

    def run(self, *command: str, cwd: Path, code: int = 0) -> str:
        """Run one of the environment's programs."""
        return run(self.folder / "bin" / command[0], *command[1:], cwd=cwd, code=code)


def install(wheel: Path, python: Path, folder: Path) -> Environment:
    """Install the wheel and what it needs, at the versions of the lock."""
    return _install(wheel, python, folder, lock="requirements.lock")


def install_everything(wheel: Path, python: Path, folder: Path) -> Environment:
    """Install the wheel with every extra, at the versions of the developers' lock."""
    return _install(f"{wheel}[all]", python, folder, lock="requirements-dev.lock")


def _install(wanted: Path | str, python: Path, folder: Path, *, lock: str) -> Environment:
    run(UV, "venv", "--quiet", "--python", python, folder)
    made = Environment(folder)
    run(UV, "pip", "install", "--quiet", "--python", made.python, "-c", ROOT / lock, wanted)
    return made
