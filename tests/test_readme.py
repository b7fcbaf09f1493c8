"""The README is a contract: what it shows is what happens."""

import re
from pathlib import Path

from campaignrules.cli import main

ROOT = Path(__file__).parents[1]


def test_the_output_shown_is_the_beginning_of_the_real_one(capsys, monkeypatch):
    """The README's output block is, to the letter, how the main command's output begins."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("COLUMNS", "100")
    shown = re.search(
        r"<!-- output -->\n```text\n(.*?)\n```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL
    )
    command = ["evaluate", "yanjiang_2023", "--data", "examples/yanjiang_2023", "--as-of", "2023-06-30", "--lang", "zh"]
    assert main(command) == 0
    printed = capsys.readouterr().out
    assert shown is not None
    assert printed.startswith(shown[1])


def test_the_python_of_the_documents_runs():
    """The formula example of docs/api.md gives the values it states."""
    import campaignrules as cr

    fields: dict[str, dict[str, object] | str] = {
        "investment": {"type": "quantity", "unit": "亿元", "decimals": 4},
        "origin": {"type": "origin"},
    }
    words = {"origin": {"out_of_province": "省外", "in_province": "省内"}}
    text = "investment >= 1 * 亿元 and origin == 'out_of_province'"
    formula = cr.check_expression(text, fields, vocabularies=words, want="bool")
    rows: list[dict[str, object]] = [
        {"investment": "1.5", "origin": "out_of_province"},
        {"investment": "1.5", "origin": None},
    ]
    for evaluator in ("engine", "reference"):
        assert cr.evaluate_expression(formula, rows, evaluator=evaluator) == [True, None]
