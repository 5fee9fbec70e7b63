"""Questions to a page that only a browser can answer."""

from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_QUESTIONS = Path(__file__).with_name("looks.js").read_text(encoding="utf-8")
ACCESSIBILITY = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]


def sideways(page: Page) -> list[str]:
    """Return what makes a reader scroll sideways, empty where all fits."""
    return list(page.evaluate(f"{_QUESTIONS}.sideways()"))


def crossing(page: Page) -> list[str]:
    """Return pairs of blocks that lie on top of each other."""
    return list(page.evaluate(f"{_QUESTIONS}.crossing()"))


def violations(page: Page, rules: list[str]) -> list[str]:
    """Return what axe objects to, by its tags or rules: each with the element."""
    # The theme's switches of menu and search are hidden boxes; what a reader uses is their labels.
    chosen = {"type": "tag" if rules[0].startswith("wcag") else "rule", "values": rules}
    answer = Axe().run(page, context={"exclude": [[".md-toggle"]]}, options={"runOnly": chosen}).response
    return [
        f"{rule['id']}: {node['target']} {node['html'][:120]}"
        for rule in answer["violations"]
        for node in rule["nodes"]
    ]
