"""Run the guests' tests at the oldest version of each framework that the project says it supports.

`make oldest`, a part of `make test`, makes an environment of its own and runs the tests in `tests/contracts/guests`
there; it takes about a minute of processor time, most of it the tests', and 2 GB while it lasts. Arguments go on
to pytest. Exit code: pytest's.
"""

import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
UV = [str(Path(sys.executable).parent / "uv"), "pip"]
EXTRAS = "litellm,crewai,haystack,llamaindex,pydantic-ai,otel"
FRAMEWORKS = ["langchain-core", "llama-index-core", "haystack-ai", "pydantic-ai-slim", "crewai"]
TOOLS = ["pytest>=9", "anyio", "pytest-socket", "pytest-timeout", "pytest-examples", "pytest-xdist", "hypothesis",
         "langchain-tests"]  # fmt: skip
_LOWEST = re.compile(r"(?P<name>[\w-]+)>=(?P<version>[\d.]+)")


def oldest() -> list[str]:
    """Return each framework pinned to the lowest version that `pyproject.toml` allows."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"], *(line for lines in project["optional-dependencies"].values() for line in lines)]
    lowest = {str(part["name"]): str(part["version"]) for line in asked if (part := _LOWEST.match(line))}
    return [f"{name}=={lowest[name]}" for name in FRAMEWORKS]


def main() -> int:
    """Install, run."""
    pins = oldest()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        subprocess.run([UV[0], "venv", "-q", "-p", sys.executable, "venv"], cwd=folder, check=True)
        python = str(folder / "venv" / "bin" / "python")
        wanted = ["-e", f"{ROOT}[{EXTRAS}]", *pins, *TOOLS]  # not as a wheel: uv would keep it when the code changes
        subprocess.run([*UV, "install", "-q", "--python", python, *wanted], check=True)
        sys.stdout.write("\n".join(pins) + "\n")
        tests = [python, "-m", "pytest", "tests/contracts/guests", "-p", "no:cacheprovider", *sys.argv[1:]]
        return subprocess.run(tests, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
