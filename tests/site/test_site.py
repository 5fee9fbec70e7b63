"""The documentation as a reader meets it: in a browser, from a server and from the disk, with nothing from outside."""

import re
from pathlib import Path

import lxml.html
import pytest
from browser import ROOT
from looks import ACCESSIBILITY, crossing, sideways, violations
from playwright.sync_api import Page, expect

DOCS = ROOT / "docs"
PAGES = sorted(["404.html", *(str(path.relative_to(DOCS).with_suffix(".html")) for path in DOCS.rglob("*.md"))])


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_legible_and_fits_wide_and_narrow_light_and_dark(name: str, served: str, page: Page) -> None:
    page.goto(served + name)
    assert sideways(page) == []
    assert crossing(page) == []
    assert violations(page, ACCESSIBILITY) == []
    page.set_viewport_size({"width": 360, "height": 740})
    assert sideways(page) == []
    assert crossing(page) == []
    page.locator("label[title='Switch to dark mode']").click()
    expect(page.locator("body")).to_have_attribute("data-md-color-scheme", "slate")
    assert violations(page, ["color-contrast"]) == []


def test_every_link_and_every_anchor_leads_somewhere(site: Path) -> None:
    trees = {path: lxml.html.parse(path).getroot() for path in site.rglob("*.html")}
    anchors = {path: set(tree.xpath("//@id | //a/@name")) for path, tree in trees.items()}
    dead: list[str] = []
    for path, tree in trees.items():
        base = site if path.name == "404.html" else path.parent
        for link in tree.xpath("//a/@href | //link/@href | //script/@src | //img/@src"):
            target, _, anchor = str(link).partition("#")
            if target.startswith(("https://", "http://", "mailto:", "data:")):
                continue
            to = (site / target.lstrip("/") if target.startswith("/") else base / target).resolve() if target else path
            to = to / "index.html" if to.is_dir() else to
            if not to.exists() or (anchor and not anchor.startswith("__") and anchor not in anchors.get(to, {anchor})):
                dead.append(f"{path.relative_to(site)}: {link}")
    assert dead == []


def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    outside: list[str] = []
    for path in site.rglob("*.html"):
        tree = lxml.html.parse(path).getroot()
        loaded = tree.xpath("//script/@src | //img/@src | //link[@rel!='canonical']/@href | //iframe/@src")
        outside += [f"{path.relative_to(site)}: {url}" for url in loaded if "//" in str(url)]
    assert outside == []


@pytest.mark.parametrize("where", ["from a server", "from the disk"])
def test_the_search_finds_a_page(where: str, site: Path, served: str, page: Page) -> None:
    page.goto(f"{served}howto/ask.html" if where == "from a server" else (site / "howto" / "ask.html").as_uri())
    page.keyboard.press("/")
    page.keyboard.type("threat model", delay=20)
    hit = page.locator(".md-search-result__link", has_text="Threat model").first
    expect(hit).to_be_visible()
    hit.click()
    expect(page).to_have_url(re.compile("threat-model[.]html"))
    expect(page.locator("h1").first).to_contain_text("Threat model")


def test_pages_open_from_the_disk_lead_to_each_other(site: Path, page: Page) -> None:
    page.goto((site / "index.html").as_uri())
    page.locator("article").get_by_role("link", name="Tutorial", exact=False).first.click()
    expect(page.locator("h1")).to_contain_text("utorial")


def test_the_first_stop_of_the_keyboard_skips_to_the_text(served: str, page: Page) -> None:
    page.goto(served + "howto/ask.html")
    page.keyboard.press("Tab")
    assert "md-skip" in page.evaluate("document.activeElement.className")
    box = page.locator(".md-skip").bounding_box()
    assert box is not None
    assert box["y"] >= 0
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('article') !== null")


def test_every_stop_of_the_keyboard_shows_that_it_has_the_focus(served: str, page: Page) -> None:
    page.goto(served + "tutorial.html")
    for _ in range(40):
        page.keyboard.press("Tab")
        shown = page.evaluate(
            "() => { const style = getComputedStyle(document.activeElement);"
            " return document.activeElement === document.body || style.outlineStyle !== 'none' ||"
            " document.activeElement.matches('input'); }"
        )
        assert shown, page.evaluate("document.activeElement.outerHTML.slice(0, 200)")


def test_on_a_narrow_screen_the_menu_opens_and_leads_on(served: str, page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(served + "index.html")
    page.locator("label.md-header__button[for=__drawer]").click()
    entry = page.locator(".md-nav--primary > .md-nav__list > .md-nav__item > .md-nav__link", has_text="Tutorial")
    expect(entry).to_be_in_viewport()
    entry.click()
    expect(page.locator("h1")).to_contain_text("utorial")


def test_a_button_copies_a_command(served: str, page: Page) -> None:
    page.goto(served + "howto/ask.html")
    code = page.locator(".highlight").first
    code.hover()
    button = code.locator("button.md-code__button, button.md-clipboard").first
    expect(button).to_have_attribute("title", "Copy to clipboard")
    button.click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.strip() == code.locator("code").inner_text().strip()


def test_the_colours_are_the_readers_choice_and_are_remembered(served: str, page: Page) -> None:
    page.emulate_media(color_scheme="light")
    page.goto(served + "index.html")
    assert page.evaluate("document.body.dataset.mdColorScheme") == "default"
    page.locator("label[title='Switch to dark mode']").click()
    assert page.evaluate("document.body.dataset.mdColorScheme") == "slate"
    page.goto(served + "tutorial.html")
    assert page.evaluate("document.body.dataset.mdColorScheme") == "slate"
