"""The reference of the adapters is what they export now."""

from adapters_page import PAGE, page


def test_the_page_names_everything_that_the_adapters_export() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "Run: python tests/docs/adapters_page.py"
