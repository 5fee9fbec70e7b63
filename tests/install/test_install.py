"""Installing: one resolution on every Python, a small core that does the main job, types, and clear words."""

import json
import re
import tarfile
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from environments import PYTHONS, ROOT, UV, Environment, install, install_everything, interpreter, run
from weights import extras

CORE_MEGABYTES = 400
LEASE = ROOT / "examples" / "documents" / "lease.pdf"
pytestmark = pytest.mark.timeout(1500)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    run(UV.with_name("python"), "-m", "hatchling", "build", "-t", "wheel", "-t", "sdist", "-d", folder)
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    return next(built.glob("*.whl"))


@pytest.fixture(scope="module")
def core(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    python = interpreter("3.11") or Path(UV).with_name("python")
    return install(wheel, python, tmp_path_factory.mktemp("core") / "venv")


@pytest.mark.parametrize("version", PYTHONS)
def test_core_and_every_extra_that_coexists_resolve_together(version: str, tmp_path: Path) -> None:
    chosen = tmp_path / "requirements.txt"
    command = [UV, "pip", "compile", "pyproject.toml", "--extra", "all", "--python-version", version, "--quiet"]
    run(*command, "--no-header", "-c", "requirements-dev.lock", "-o", chosen)
    names = set(re.findall(r"^([\w.-]+)==", chosen.read_text(encoding="utf-8"), re.MULTILINE))
    assert {"crewai", "haystack-ai", "langgraph", "litellm", "llama-index-core", "mcp", "nemoguardrails"} <= names


def test_all_names_every_extra() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    named = set(",".join(re.findall(r'"governed-agentkit\[([\w,-]+)\]"', text)).split(","))
    assert named == set(extras())


@pytest.mark.parametrize("version", PYTHONS)
def test_the_core_alone_summarizes_a_lease(version: str, core: Environment, wheel: Path, tmp_path: Path) -> None:
    python = interpreter(version)
    if python is None:
        pytest.skip(f"no Python {version} on this machine")
    made = core if version == "3.11" else install(wheel, python, tmp_path / "venv")
    report = json.loads(made.run("agentkit", "summarize", str(LEASE), "--format", "json", cwd=tmp_path))
    assert report["status"] == "approved"
    assert report["privacy"]["hosts_contacted"] == []
    assert {rail["action"] for rail in report["rails"]} >= {"blocked", "passed"}


def test_the_core_is_small(core: Environment) -> None:
    files = (path for path in core.folder.rglob("*") if path.is_file() and not path.is_symlink())
    size = sum(path.stat().st_size for path in files if path.suffix != ".pyc")
    assert size < CORE_MEGABYTES * 1_000_000


def test_the_wheel_brings_the_rails_the_types_and_the_weights(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    wanted = {
        "agentkit/py.typed",
        "agentkit/_guardrails/legal/config.yml",
        "agentkit/_guardrails/base/config.yml",
        "agentkit/rendering/report.js",
        "agentkit/rendering/report.css",
    }
    assert wanted <= set(names)
    data = {str(path.relative_to(ROOT)) for path in _kept() if path.suffix not in {".py", ".pyc"}}
    assert data <= set(names)
    assert [name for name in names if name.startswith(("tests/", "docs/", "benchmarks/"))] == []


def _kept() -> list[Path]:
    tracked = run("git", "ls-files", "agentkit").splitlines()
    return [path for line in tracked if (path := ROOT / line).exists()]


def test_the_source_distribution_builds_the_same_wheel(built: Path, wheel: Path, tmp_path: Path) -> None:
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        archive.extractall(tmp_path, filter="data")
    source = next(tmp_path.iterdir())
    run(UV.with_name("python"), "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path / "again", cwd=source)
    again = zipfile.ZipFile(next((tmp_path / "again").glob("*.whl")))
    assert sorted(again.namelist()) == sorted(zipfile.ZipFile(wheel).namelist())


_CONSUMER = """\
from agentkit import AgentKit, AgentKitError, Config, Report
from agentkit.ports import Retriever
from agentkit.types import Passage


class Ours:
    async def retrieve(self, query: str, /, *, top_k: int) -> list[Passage]:
        return []


def status(path: str) -> str:
    retriever: Retriever = Ours()
    kit = AgentKit(Config(), retriever=retriever)
    try:
        report: Report = kit.summarize_sync([path], focus="termination")
    except AgentKitError as error:
        return str(error.exit_code)
    return report.claims[0].citations[0].quote
"""


def test_a_consumer_checked_strictly_sees_our_types(core: Environment, tmp_path: Path) -> None:
    settings = {"typeCheckingMode": "strict", "pythonVersion": "3.11"}
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    (tmp_path / "right.py").write_text(_CONSUMER, encoding="utf-8")
    pyright = UV.with_name("pyright")
    said = run(pyright, "--pythonpath", core.python, "right.py", cwd=tmp_path)
    assert "0 errors" in said
    (tmp_path / "wrong.py").write_text(_CONSUMER.replace("[0].quote", "[0].qoute"), encoding="utf-8")
    said = run(pyright, "--pythonpath", core.python, "wrong.py", cwd=tmp_path, code=1)
    assert "qoute" in said


_IMPORTS = """\
import importlib, sys
from agentkit.errors import MissingExtraError
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
        print(name, "imported")
    except MissingExtraError as error:
        print(name, error.extra, error)
"""


def test_every_adapter_imports_or_names_the_extra_it_needs(core: Environment, tmp_path: Path) -> None:
    folder = core.packages / "agentkit" / "adapters"
    names = sorted({path.parent.name for path in folder.glob("*/__init__.py")})
    modules = [f"agentkit.adapters.{name}" for name in names]
    (tmp_path / "imports.py").write_text(_IMPORTS, encoding="utf-8")
    said = core.run("python", "imports.py", *modules, cwd=tmp_path).splitlines()
    assert [line.split()[0] for line in said] == modules
    missing = [line.split(maxsplit=2) for line in said if not line.endswith(" imported")]
    assert {extra for _, extra, _ in missing} <= set(extras())
    for _, extra, sentence in missing:
        assert f"pip install 'governed-agentkit[{extra}]'" in sentence


@pytest.mark.parametrize("version", [version for version in PYTHONS if version != "3.11"])
def test_with_every_extra_each_module_of_every_adapter_imports(version: str, wheel: Path, tmp_path: Path) -> None:
    python = interpreter(version)
    if python is None:
        pytest.skip(f"no Python {version} on this machine")
    with TemporaryDirectory() as folder:  # pytest would keep the gigabyte and a half of three runs
        made = install_everything(wheel, python, Path(folder) / "venv")
        paths = (path.relative_to(made.packages) for path in made.packages.glob("agentkit/adapters/**/*.py"))
        modules = sorted({".".join(path.with_suffix("").parts).removesuffix(".__init__") for path in paths})
        (tmp_path / "imports.py").write_text(_IMPORTS, encoding="utf-8")
        said = made.run("python", "imports.py", *modules, cwd=tmp_path).splitlines()
    assert "agentkit.adapters.crewai" in modules
    assert [line for line in said if line.startswith("agentkit.")] == [f"{name} imported" for name in modules]


@pytest.mark.parametrize(
    ("extra", "setting", "value"),
    [
        ("litellm", "AGENTKIT_ROLES__WRITER", "ollama/llama3.1"),
        ("local", "AGENTKIT_ROLES__WRITER", "embedded/smollm2"),
        ("ner", "AGENTKIT_PRIVACY__RECOGNIZER", "spacy:en_core_web_sm"),
        ("otel", "AGENTKIT_TRACING__ADAPTER", "otlp"),
        ("postgres", "AGENTKIT_LEDGER", "{adapter: postgres, url: os.environ/LEDGER}"),
    ],
)
def test_a_setting_whose_part_is_missing_ends_in_one_sentence(
    extra: str, setting: str, value: str, core: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(setting, value)
    monkeypatch.setenv("LEDGER", "postgresql://127.0.0.1:1/ledger")
    (tmp_path / "note.txt").write_text("The rent is 900 pounds a month.", encoding="utf-8")
    said = core.run("agentkit", "summarize", "note.txt", cwd=tmp_path, code=2)
    assert f"pip install 'governed-agentkit[{extra}]'" in said
    assert len(said.strip().splitlines()) == 1


def test_the_readme_names_every_extra() -> None:
    part = (ROOT / "README.md").read_text(encoding="utf-8").split("## Extras")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (`.+?`) \|", part, re.MULTILINE)
    assert set(re.findall(r"`([\w-]+)`", " ".join(rows))) == {*extras(), "all"}


def test_the_guide_weighs_every_extra() -> None:
    guide = (ROOT / "docs" / "howto" / "install.md").read_text(encoding="utf-8")
    shown = re.findall(r"^\| `([\w-]+)` \| \d+ \|", guide, re.MULTILINE)
    assert sorted(shown) == sorted(["core", *extras()])
