"""docs/decisions: every page is listed under its own heading."""

from pathlib import Path

PAGES = Path(__file__).parent.parent / "docs" / "decisions"


def test_every_decision_is_listed_under_its_heading():
    """The number of a page is that of its file, and the list says what it decides."""
    listed = (PAGES / "README.md").read_text(encoding="utf-8")
    for page in sorted(PAGES.glob("0*.md")):
        heading = page.read_text(encoding="utf-8").partition("\n")[0]
        number, _, said = heading.removeprefix("# ").partition(". ")
        assert int(number) == int(page.name[:4])
        assert f"- [{page.name[:4]}]({page.name}) {said}\n" in listed
