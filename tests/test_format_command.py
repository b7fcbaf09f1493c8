"""The command fmt: what it writes, shows and says, and that a file is written whole or not at all."""

from __future__ import annotations

import pytest

from campaignrules import cli, formatting

UNTIDY = "# 一\ntitle: '甲'\ncampaign:   demo\n"
TIDY = "# 一\ncampaign: demo\ntitle: 甲\n"


@pytest.fixture
def untidy(tmp_path):
    """A file out of order, with permissions of its own."""
    path = tmp_path / "a.yaml"
    path.write_text(UNTIDY, encoding="utf-8")
    path.chmod(0o640)
    return path


def test_a_file_is_formatted_in_place_and_named(untidy, capsys):
    """The file keeps its permissions, and nothing else is left beside it."""
    assert cli.main(["fmt", str(untidy), "--lang", "zh"]) == 0
    assert capsys.readouterr().out == f"已整理 {untidy}\n1 个文件，已整理 1 个\n"
    assert untidy.read_text(encoding="utf-8") == TIDY
    assert untidy.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in untidy.parent.iterdir()] == ["a.yaml"]
    assert cli.main(["fmt", str(untidy), "--lang", "zh"]) == 0
    assert capsys.readouterr().out == "1 个文件都已整齐\n"


def test_check_changes_nothing_and_exits_with_1(untidy, capsys):
    """It names the files that would change."""
    assert cli.main(["fmt", "--check", str(untidy), "--lang", "en"]) == 1
    assert capsys.readouterr().out == f"would format {untidy}\nfiles: 1, would change: 1\n"
    assert untidy.read_text(encoding="utf-8") == UNTIDY


def test_a_file_of_tests_may_be_larger_than_a_campaign(tmp_path, capsys):
    """Its rows are formatted like anything else."""
    path = tmp_path / "a.test.yaml"
    rows = "".join(f"        - {{id: R{i}, amount: 1}}\n" for i in range(4_100))
    path.write_text(f"tests_for: a\ncases:\n  - case: many\n    given:\n      sale:\n{rows}", encoding="utf-8")
    assert cli.main(["fmt", "--check", str(path), "--lang", "en"]) == 0
    assert capsys.readouterr().out == "files in order: 1\n"


@pytest.mark.parametrize(("more", "code"), [([], 0), (["--check"], 1)])
def test_diff_shows_what_would_change(untidy, capsys, more, code):
    """A unified diff that patch and review tools read; the file stays as it is."""
    assert cli.main(["fmt", "--diff", *more, str(untidy)]) == code
    lines = [
        f"--- {untidy}", f"+++ {untidy}", "@@ -1,3 +1,3 @@", " # 一", "-title: '甲'", "-campaign:   demo",
        "+campaign: demo", "+title: 甲",
    ]  # fmt: skip
    assert capsys.readouterr().out.splitlines() == lines
    assert untidy.read_text(encoding="utf-8") == UNTIDY


def test_line_ends_alone_are_said_in_words(tmp_path, capsys):
    """A diff of lines would be empty."""
    path = tmp_path / "a.yaml"
    path.write_bytes(b"\xef\xbb\xbfcampaign: demo\r\n")
    assert cli.main(["fmt", "--diff", str(path), "--lang", "en"]) == 0
    assert capsys.readouterr().out == f"{path}: only line ends or a byte order mark\n"
    assert cli.main(["fmt", str(path)]) == 0
    assert path.read_bytes() == b"campaign: demo\n"


def test_a_file_with_faults_is_left_alone_and_the_others_are_formatted(untidy, tmp_path, capsys):
    """Faults of syntax are shown like those of check; the exit code is 1."""
    bad = tmp_path / "b.yaml"
    bad.write_text("a: [x\n", encoding="utf-8")
    assert cli.main(["fmt", str(bad), str(tmp_path / "none.yaml"), str(untidy), "--lang", "en"]) == 1
    told = capsys.readouterr()
    assert f"{bad}:1:6: still open here" in told.err
    assert "error[file-not-found]" in told.err
    assert told.out == f"formatted {untidy}\nfiles: 3; those with faults are left as they are\n"
    assert bad.read_text(encoding="utf-8") == "a: [x\n"
    assert untidy.read_text(encoding="utf-8") == TIDY


def test_a_file_that_would_lose_something_is_not_written_and_the_fault_is_ours(untidy, capsys, monkeypatch):
    """Exit code 3, as for every fault of ours."""
    monkeypatch.setattr(formatting, "lay", lambda _sheet: "campaign: demo\ntitle: 甲\n")
    assert cli.main(["fmt", str(untidy), "--lang", "en"]) == 3
    assert "this is a fault of ours" in capsys.readouterr().err
    assert untidy.read_text(encoding="utf-8") == UNTIDY


def test_a_folder_that_may_not_be_written_is_a_fault_with_a_code(untidy, capsys, monkeypatch):
    """The old file is still there, whole."""

    def refuse(*_args, **_more):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("campaignrules.reports.saving.tempfile.mkstemp", refuse)
    assert cli.main(["fmt", str(untidy), "--lang", "en"]) == 1
    assert "error[cannot-write]" in capsys.readouterr().err
    assert untidy.read_text(encoding="utf-8") == UNTIDY
