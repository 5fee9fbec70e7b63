"""How many attacks on a whole pipeline have an effect: as shipped, and with every rail switched off as the baseline.

    python benchmarks/redteam.py [--limit 6] [--seed 0] [--page]

Both have the same redaction, review and budget; a lost model stands behind them, and the configured embedded one.
`--page` writes docs/reference/redteam.md in place of printing.
"""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from agentkit import __version__
from agentkit.cli.redteam_table import rates, render
from agentkit.composition import make_recognizer
from agentkit.config import Config
from agentkit.evaluation.redteam import AGAINST, CATEGORIES, EDITION, FAMILIES, Plan, run_redteam, to_data
from agentkit.evaluation.redteam.cases import EFFECTS
from agentkit.quiet import silence

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "reference" / "redteam.md"
BARE = 'colang_version: "1.0"\nmodels: []\n'
_HEAD = """# What the red team tries, and what gets through

This page is written by `python benchmarks/redteam.py --page`. How to run it against your own pipeline, and what the
words mean, says [attack your own pipeline](../howto/redteam.md). The file that `--out` writes fits
[this JSON schema](redteam.schema.json).
"""


async def measured(rails: str, limit: int, seed: int) -> dict[str, object]:
    """Return what came of a run with the embedded configuration and a rails folder."""
    config = Config.model_validate({"rails": {"folder": rails}})
    outcome = await run_redteam(config, Plan(seed=seed, limit=limit))
    return to_data(outcome, make_recognizer(config.privacy.recognizer))


def lists() -> str:
    """Return the tables that the code alone decides: pipelines, families, effects."""
    rows = ["## Pipelines", "", "| name | what stands behind it |", "|---|---|"]
    rows += [f"| `{name}` | {about} |" for name, about in AGAINST.items()]
    rows += ["", "## Families", "", f"| family | OWASP {EDITION} | what it tries |", "|---|---|---|"]
    rows += [
        f"| `{name}` | {item.category} {CATEGORIES[item.category]} | {item.about} |" for name, item in FAMILIES.items()
    ]
    rows += ["", "## Effects", "", "| effect | seen when |", "|---|---|"]
    rows += [f"| `{name}` | {about} |" for name, about in EFFECTS.items()]
    return "\n".join(rows) + "\n"


async def page(limit: int, seed: int) -> str:
    """Return the page: the lists, and what a run with the shipped rails found."""
    found = render(await measured("legal", limit, seed), form="md")
    about = (
        f"## What got through\n\nThe embedded configuration of version {__version__} with the rails `legal`, {limit} "
        f"attempts of each family, seed {seed}.\n"
    )
    return f"{_HEAD}\n{lists()}\n{about}\n{found}\n"


async def compared(bare_rails: str, limit: int, seed: int) -> str:
    """Return the rates as shipped and without any rail, and what came of adapting."""
    bare = await measured(bare_rails, limit, seed)
    shipped = await measured("legal", limit, seed)
    parts = [f"{limit} attempts of each family, seed {seed}; OWASP {EDITION}; ! shipped without a warning"]
    for title, data in (("rails: legal", shipped), ("baseline, no rail at all", bare)):
        parts += ["", title, *rates(data, "categories")]
    return "\n".join([*parts, "", render(shipped, form="text").split("An attacker who adapts")[1].split("What got")[0]])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--limit", type=int, help="attempts of each family; by default 6, and 12 for the page")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--data", type=Path, help="not needed: the attacks are made here")
    parser.add_argument("--page", action="store_true", help=f"write {PAGE.relative_to(ROOT)}")
    options = parser.parse_args()
    silence()
    if options.page:
        PAGE.write_text(asyncio.run(page(options.limit or 12, options.seed)), encoding="utf-8")
        sys.stdout.write(f"written: {PAGE.name}\n")
        return
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "config.yml").write_text(BARE, encoding="utf-8")
        print(asyncio.run(compared(folder, options.limit or 6, options.seed)))


if __name__ == "__main__":
    main()
