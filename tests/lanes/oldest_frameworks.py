"""Run the guests' tests at the oldest version of each framework that the project says it supports.

`make oldest`, a part of `make test`, resolves them, makes an environment of its own, and runs the tests in
`tests/contracts/guests` there; it takes about two minutes of processor time, most of it the tests', and 2 GB while it
lasts. Arguments are passed on to pytest. Exit code: pytest's.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
UV = [str(Path(sys.executable).parent / "uv"), "pip"]
EXTRAS = "litellm,crewai,haystack,llamaindex,pydantic-ai,otel"
FRAMEWORKS = ["langchain-core", "llama-index-core", "haystack-ai", "pydantic-ai-slim", "crewai"]
TOOLS = ["pytest>=9", "anyio", "pytest-socket", "pytest-timeout", "pytest-examples", "pytest-xdist", "hypothesis",
         "langchain-tests"]  # fmt: skip


def main() -> int:
    """Resolve, install, run."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / "wanted.in").write_text("\n".join([f"governed-agentkit[{EXTRAS}] @ {ROOT.as_uri()}", *FRAMEWORKS]))
        compiled = ["compile", "-q", "--resolution", "lowest-direct", "wanted.in", "-o", "oldest.txt"]
        subprocess.run([*UV, *compiled], cwd=folder, check=True)
        pinned = [line.split()[0] for line in (folder / "oldest.txt").read_text().splitlines()]
        pins = [line for line in pinned if line.partition("==")[0] in FRAMEWORKS]
        subprocess.run([UV[0], "venv", "-q", "-p", sys.executable, "venv"], cwd=folder, check=True)
        python = str(folder / "venv" / "bin" / "python")
        wanted = ["-e", f"{ROOT}[{EXTRAS}]", *pins, *TOOLS]  # not as a wheel: uv would keep it when the code changes
        subprocess.run([*UV, "install", "-q", "--python", python, *wanted], check=True)
        sys.stdout.write("\n".join(pins) + "\n")
        tests = [python, "-m", "pytest", "tests/contracts/guests", "-p", "no:cacheprovider", *sys.argv[1:]]
        return subprocess.run(tests, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
