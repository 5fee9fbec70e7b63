"""The HTML report in a browser: as large as it gets, by keyboard, on paper, on a telephone, read aloud."""

from pathlib import Path

import pytest
from looks import ACCESSIBILITY, crossing, sideways, violations
from playwright.sync_api import Browser, Page, expect
from reports import CLAIMS, book, small, write

# Seconds of script, layout and style: on the slowest machine seen, a tenth of these.
LOADED_S = 3.0
STEP_S = 0.2


@pytest.fixture
def lease(tmp_path: Path, page: Page) -> Page:
    page.goto(write(small(), tmp_path))
    return page


@pytest.fixture
def long(tmp_path: Path, page: Page) -> Page:
    page.goto(write(book(), tmp_path))
    return page


def _work(page: Page) -> float:
    """Return the seconds that the page's script, layout and style have taken so far."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    metrics = {entry["name"]: entry["value"] for entry in session.send("Performance.getMetrics")["metrics"]}
    session.detach()
    return sum(metrics[name] for name in ("ScriptDuration", "LayoutDuration", "RecalcStyleDuration"))


def _visible(page: Page) -> int:
    return page.locator(".claim:visible").count()


def test_three_hundred_claims_over_five_hundred_pages_stay_responsive(long: Page) -> None:
    loaded = _work(long)
    long.locator("a.say").first.click()
    for _ in range(20):
        long.keyboard.press("j")
    stepped = _work(long)
    long.get_by_role("button", name="Contradicted").click()
    long.get_by_role("button", name="All").click()
    long.locator("a.say").nth(CLAIMS - 1).click()
    done = _work(long)
    assert loaded < LOADED_S
    assert (stepped - loaded) / 21 < STEP_S
    assert (done - stepped) / 3 < STEP_S
    assert long.locator("mark.chosen").is_visible()


def test_the_filter_shows_one_verdict_and_says_how_many(long: Page) -> None:
    long.get_by_role("button", name="Contradicted 30").click()
    assert _visible(long) == 30
    assert {str(word).split()[-1] for word in long.locator(".claim:visible .badge").all_inner_texts()} == {
        "Contradicted"
    }
    expect(long.get_by_role("status")).to_have_text(f"Showing 30 of {CLAIMS} claims.")
    assert long.locator("h3:visible").count() <= 30
    long.get_by_role("button", name=f"All {CLAIMS}").click()
    assert _visible(long) == CLAIMS


def test_the_keys_step_through_what_the_filter_shows(long: Page) -> None:
    long.get_by_role("button", name="Unverified").click()
    long.keyboard.press("j")
    assert _chosen(long) == "c8"
    long.keyboard.press("j")
    assert _chosen(long) == "c18"
    long.keyboard.press("ArrowDown")
    assert _chosen(long) == "c28"
    long.keyboard.press("k")
    assert _chosen(long) == "c18"
    expect(long.locator("#c18 a.say")).to_be_focused()
    expect(long.locator("mark.chosen")).to_be_in_viewport()


def test_the_letters_can_be_switched_off(long: Page) -> None:
    long.get_by_label("Keys J and K").uncheck()
    long.keyboard.press("j")
    assert long.locator(".claim.chosen").count() == 0


def _chosen(page: Page) -> str | None:
    return page.locator(".claim.chosen").get_attribute("id")


def test_a_link_to_a_claim_opens_it_with_its_source_and_the_way_back_works(tmp_path: Path, page: Page) -> None:
    address = write(book(), tmp_path)
    page.goto(f"{address}#c120")
    expect(page.locator("#c120")).to_be_in_viewport()
    assert _chosen(page) == "c120"
    expect(page.locator("mark.chosen")).to_be_in_viewport()
    page.locator("#c121 a.say").click()
    assert _chosen(page) == "c121"
    page.go_back()
    assert _chosen(page) == "c120"


def test_on_a_narrow_screen_a_link_to_a_claim_stays_at_the_claim_and_its_words_are_one_step_away(
    tmp_path: Path, page: Page
) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{write(book(), tmp_path)}#c120")
    expect(page.locator("#c120")).to_be_in_viewport()
    expect(page.locator("#c120 blockquote")).to_be_visible()
    page.locator("#c120 a.say").click()
    expect(page.locator("mark.chosen")).to_be_in_viewport()
    page.get_by_role("link", name="Back to the claim").click()
    expect(page.locator("#c120")).to_be_in_viewport()


def test_a_link_to_a_claim_that_the_filter_hides_shows_it(long: Page) -> None:
    long.get_by_role("button", name="Contradicted").click()
    long.evaluate("location.hash = 'c1'")
    expect(long.locator("#c1")).to_be_in_viewport()
    assert _visible(long) == CLAIMS


def test_the_number_of_a_claim_is_its_link(lease: Page) -> None:
    lease.get_by_label("Link to claim 2").click()
    assert lease.url.endswith("#c2")
    assert _chosen(lease) == "c2"


def test_escape_leads_from_the_source_back_to_the_claim(lease: Page) -> None:
    lease.locator("#c3 a.say").click()
    lease.locator("#source-1").focus()
    lease.keyboard.press("Escape")
    expect(lease.locator("#c3 a[aria-current]")).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 360])
def test_it_is_legible_and_fits(scheme: str, width: int, tmp_path: Path, page: Page) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(write(small(), tmp_path))
    page.locator("#c1 a.say").click()
    assert sideways(page) == []
    assert crossing(page) == []
    assert violations(page, ACCESSIBILITY) == []


def test_what_agents_brought_is_a_part_of_its_own_whose_links_lead_to_the_claims(lease: Page) -> None:
    lease.get_by_role("link", name="Agents", exact=True).click()
    part = lease.get_by_role("region", name="What agents brought").first
    expect(part).to_be_in_viewport()
    expect(part).to_contain_text("(1 text withheld by rails)")
    part.get_by_role("row", name="term").get_by_role("link").click()
    expect(lease.locator("#c2")).to_be_in_viewport()
    assert lease.url.endswith("#c2")


def test_each_reviewer_s_word_stands_with_its_claim_on_the_screen_and_on_paper(lease: Page) -> None:
    for medium in ("screen", "print"):
        lease.emulate_media(media="print" if medium == "print" else "screen")
        said = lease.locator("#c3").get_by_role("list", name="What each reviewer said").get_by_role("listitem")
        expect(said).to_have_count(2)
        expect(said.first).to_have_text("grounding: supported, The amounts are the same.")
        expect(said.last).to_be_visible()


def test_on_paper_there_are_all_claims_and_quotes_and_no_controls(lease: Page) -> None:
    lease.get_by_role("button", name="Supported").click()
    lease.emulate_media(media="print")
    assert _visible(lease) == 3
    assert lease.locator("blockquote:visible").count() == 3
    for control in ("#filter", "header nav", "aside", ".skip", "#back"):
        assert not lease.locator(control).is_visible(), control
    assert lease.pdf(format="A4").startswith(b"%PDF")


def test_read_aloud_a_claim_comes_with_its_verdict_and_the_parts_have_names(lease: Page) -> None:
    spoken = lease.locator("#claims").aria_snapshot()
    assert 'group "Which claims are shown"' in spoken
    assert 'button "All 3" [pressed]' in spoken
    session = lease.context.new_cdp_session(lease)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    link = next(node for node in nodes if node["role"]["value"] == "link" and "Claim 3" in node["name"]["value"])
    assert "Contradicted" in link["description"]["value"]
    lease.locator("#c3 a.say").click()
    expect(lease.get_by_role("status")).to_contain_text("letter.txt")


def test_without_its_script_it_still_leads_to_the_words(tmp_path: Path, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(write(small(), tmp_path))
    page.locator("#c2 a.say").click()
    expect(page.locator("mark:target")).to_be_in_viewport()
    assert not page.locator("#filter").is_visible()
    context.close()


def test_its_policy_lets_nothing_run_that_it_did_not_bring(tmp_path: Path, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(write(small(), tmp_path))
    page.evaluate(
        "const added = document.createElement('script'); added.text = 'window.ran = 1'; document.body.append(added)"
    )
    page.evaluate("document.body.setAttribute('onclick', 'window.ran = 1')")
    page.locator("h1").click()
    assert page.evaluate("window.ran") is None
    page.close()
