"""The README is a contract: what it shows is what happens."""

import re
from pathlib import Path

import pytest

from campaignrules.cli import main

ROOT = Path(__file__).parents[1]


def test_the_output_shown_is_the_beginning_of_the_real_one(capsys, monkeypatch):
    """The README's output block is, to the letter, how the output of its main command begins; places are in it."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("COLUMNS", "100")
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    command = re.search(r"<!-- command: main -->\n```bash\n.*bin/campaignrules (.*)\n```", text)
    shown = re.search(r"<!-- output -->\n```text\n(.*?)\n```", text, re.DOTALL)
    assert command is not None
    assert shown is not None
    assert main([*command[1].split(), "--lang", "zh"]) == 0
    assert capsys.readouterr().out.startswith(shown[1])
    assert "\n排名" in shown[1]


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


@pytest.mark.parametrize("name", ["scores", "databases", "intake", "watching", "receipts", "differing", "tracing"])
def test_the_examples_of_the_documents_run(monkeypatch, name):
    """An example of docs/api.md, marked as tested, runs as it is printed and says what it says."""
    monkeypatch.chdir(ROOT)
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    example = re.search(rf"<!-- tested: {name} -->\n```python\n(.*?)\n```", text, re.DOTALL)
    assert example is not None
    names: dict[str, object] = {}
    for line in example[1].splitlines():
        code, _, says = line.partition("  # ")
        if says:
            assert repr(eval(code, names)) == says.strip(), code  # noqa: S307  our own document
        else:
            exec(line, names)  # noqa: S102  our own document
