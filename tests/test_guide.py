"""What the README and the guide for people who collect data tell them to type does what it says."""

import re
import shlex
import shutil
from pathlib import Path

import pytest

import campaignrules
from campaignrules import cli
from campaignrules.messages import CATALOGUE
from campaignrules.results import STATUS_TITLES

ROOT = Path(__file__).parents[1]
CAMPAIGN = """
campaign: my_campaign
title: 某区2023年招商引资
issuer: 某区
documents: {plan: {title: 某区2023年招商引资方案, published: 2023-01-10}}
period: {from: 2023-01-01, to: 2023-12-31, source: 一}
units: {classes: {county: 县区}, roster: [{id: jia, title: 甲县, class: county}]}
records:
  project:
    title: 签约项目
    fields:
      unit: {type: unit, title: 责任单位}
      investment: {type: quantity, unit: 亿元, decimals: 4, title: 协议投资额}
      signed_on: {type: date, title: 签约日期}
metrics: {signed: {title: 签约额, sum: project.investment, on: signed_on, unit: 亿元, source: 一}}
targets: [{id: T-1, title: 签约额, metric: signed, for: each county, in: campaign, at_least: 10 亿元, source: 一}]
"""
TESTS = """
tests_for: my_campaign
cases:
  - case: 甲县签约正好十亿元
    as_of: 2024-01-10
    given: {project: [{unit: 甲县, investment: 10, signed_on: 2023-12-31}]}
    expect: [{target: T-1, unit: 甲县, value: 10 亿元, status: met}]
"""
DOCUMENT = "某区2023年招商引资方案\n一、主要目标\n各县区全年签约额10亿元以上。\n"
ROWS = "责任单位,协议投资额,签约日期\n甲县,约3亿,2023-02-01\n甲县,2,2023-05-07\n"


def commands(path, heading):
    """The command lines in the blocks of a document, from a heading on."""
    text = (ROOT / path).read_text("utf-8").partition(heading)[2].partition("\n## English")[0]
    blocks = re.findall(r"```bash\n(.*?)```", text, re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines() if line.startswith("campaignrules ")]
    return [pytest.param(path, line, id=f"{Path(path).name}-{n}") for n, line in enumerate(lines)]


def test_every_public_name_is_in_the_page():
    """Each name of `campaignrules.__all__` is there, and docs/api.md has it."""
    page = (ROOT / "docs" / "api.md").read_text("utf-8")
    for name in campaignrules.__all__:
        assert getattr(campaignrules, name)
        assert re.search(rf"\b{name}\b", page), name


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder as the reader of a document has it: the examples, a campaign, submitted files."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    shutil.copytree(ROOT / "examples" / "yanjiang_2023", "examples/yanjiang_2023")
    shutil.copytree(ROOT / "examples" / "xinfeng_100days", "examples/xinfeng_100days")
    texts = {
        "my_campaign.yaml": CAMPAIGN,
        "my_campaign.test.yaml": TESTS,
        "原文.txt": DOCUMENT,
        "旧.yaml": CAMPAIGN,
        "新.yaml": CAMPAIGN.replace("10 亿元", "12 亿元"),
    }
    for name, text in texts.items():
        Path(name).write_text(text, "utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("path", "line"), [*commands("README.md", "## 常用"), *commands("docs/intake.zh.md", "# 收数指南")]
)
def test_each_command_of_the_documents_runs(folder, capsys, path, line):
    """Wrong usage it is never, and the file that it says it writes is there."""
    if path == "README.md":
        Path("报送").mkdir()
        Path("报送/签约项目.csv").write_text(ROWS, "utf-8")
    else:
        shutil.copytree("examples/yanjiang_2023", "报送")
    words = shlex.split(line, comments=True)[1:]
    assert cli.main(words) in (0, 1)
    out, err = capsys.readouterr()
    assert "错误[" not in err
    if "-o" in words:
        assert (folder / words[words.index("-o") + 1]).is_file()
    else:
        assert out
    if "--marked" in words:
        assert list((folder / "退回").glob("*（待改）.xlsx"))


QINGHE = ROOT / "docs" / "examples" / "qinghe_2024"


@pytest.fixture(scope="module")
def example(tmp_path_factory):
    """The folder of the guide to trust, as a reader has copied it; commands build on each other."""
    copied = tmp_path_factory.mktemp("trust") / "qinghe_2024"
    shutil.copytree(QINGHE, copied)
    return copied


@pytest.mark.parametrize(("_path", "line"), commands("docs/trust.zh.md", "# 规则文件检验指南"))
def test_each_command_of_the_guide_to_trust_says_that_all_is_well(example, monkeypatch, capsys, _path, line):
    """In its order, in Chinese; only the two comparisons find something, and the files they write are there."""
    monkeypatch.chdir(example)
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    words = shlex.split(line.replace("--seconds 20", "--seconds 2"))[1:]
    assert cli.main(words) == (1 if words[0] == "diff" else 0)
    out, err = capsys.readouterr()
    assert "错误[" not in out + err
    written = [words[words.index(key) + 1] for key in ("-o", "--receipt", "--digest") if key in words]
    assert all((example / name).is_file() for name in written)


def test_the_pieces_of_the_guide_to_trust_are_those_of_its_example(example, monkeypatch, capsys):
    """The case that it shows comes out, the acknowledgement is the one of the file, and the example is in order."""
    monkeypatch.chdir(example)
    case, acknowledged = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "trust.zh.md").read_text("utf-8"), re.DOTALL)
    assert acknowledged in (example / "qinghe_2024.yaml").read_text("utf-8")
    (example / "指南.test.yaml").write_text(case, "utf-8")
    assert cli.main(["test", "指南.test.yaml"]) == 0
    assert cli.main(["fmt", "--check", "指南.test.yaml", "qinghe_2024.yaml", "qinghe_2024.test.yaml"]) == 0
    assert cli.main(["check", "qinghe_2024_修订.yaml", "--strict"]) == 0
    capsys.readouterr()


def test_the_words_for_statuses_in_the_guide_to_trust_are_those_of_reports():
    """已完成 is met, and so on."""
    (line,) = (
        line for line in (ROOT / "docs" / "trust.zh.md").read_text("utf-8").splitlines() if "状态用英文词" in line
    )
    pairs = re.findall(r"([\u4e00-\u9fff]+) `(\w+)`", line)
    assert len(pairs) >= 10
    assert {word: STATUS_TITLES[word].zh for _, word in pairs} == {word: title for title, word in pairs}


@pytest.mark.parametrize(
    "code", re.findall(r"^\| .*?$", (ROOT / "docs" / "trust.zh.md").read_text("utf-8"), re.MULTILINE)
)
def test_codes_in_the_tables_of_the_guide_to_trust_exist(code):
    """A reader who looks for one finds it."""
    assert {*re.findall(r"`([a-z]+(?:-[a-z]+)+)`", code)} <= set(CATALOGUE)
