"""The pytest plug-in: only when asked does it collect files of tests; a case is a test, a failure our own report."""

import shutil
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from campaignrules import cases

pytest_plugins = ["pytester"]
SUITES = Path(__file__).parent / "suites"
PLUGIN = "campaignrules.pytest_plugin"
INSTALLED = any(point.value == PLUGIN for point in entry_points(group="pytest11"))


@pytest.fixture
def run(pytester, monkeypatch):
    """Runs pytest on the small campaign and its files of tests; in this process, which takes a tenth of the time.

    What a case needs is loaded before: pytester unloads what is loaded meanwhile, and numpy cannot be loaded twice.
    """
    assert cases.run([SUITES / "shop.test.yaml"])[0].passed
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    monkeypatch.setenv("PYTHONPATH", str(SUITES.parents[1] / "src"))
    for name in ("shop.yaml", "shop.test.yaml", "failing.test.yaml"):
        shutil.copy(SUITES / name, pytester.path)
    shutil.copytree(SUITES / "data", pytester.path / "data")
    return lambda *words: pytester.runpytest_inprocess(*(() if INSTALLED else ("-p", PLUGIN)), *words)


def test_nothing_is_collected_unless_asked_for(run):
    """Files of tests lie beside other tests of people who have the package for something else."""
    assert run().ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_each_case_is_a_test(run):
    """They are named by file and case; the option asks for them."""
    done = run("--campaignrules", "-v", "shop.test.yaml")
    done.assert_outcomes(passed=4)
    done.stdout.fnmatch_lines(["*shop.test.yaml::everything once PASSED*"])


def test_the_configuration_may_ask_for_them(run, pytester):
    """One line instead of the option; a case is chosen as any test is."""
    pytester.makeini("[pytest]\ncampaignrules = true\n")
    run("shop.test.yaml", "-k", "folder").assert_outcomes(passed=1, deselected=3)


def test_a_failure_is_our_report_without_a_traceback(run):
    """Place, caret, what was expected and what came out."""
    done = run("--campaignrules", "failing.test.yaml")
    done.assert_outcomes(failed=3)
    done.stdout.fnmatch_lines(
        ["*failing.test.yaml:9:30: error?cell-differs?: T-1*value*", "*expected 50 万元, got 60 万元"]
    )
    assert "Traceback" not in done.stdout.str()
    assert "pytest_plugin.py" not in done.stdout.str()


def test_a_file_at_fault_is_one_error_with_all_its_faults(run, pytester):
    """Nothing of it is run."""
    shutil.copy(SUITES / "bad" / "wrong_cells.test.yaml", pytester.path)
    done = run("--campaignrules", "wrong_cells.test.yaml")
    done.assert_outcomes(errors=1)
    done.stdout.fnmatch_lines(["*wrong_cells.test.yaml:12:33: error?cell-of-another-kind?*", "8 errors"])


@pytest.mark.slow
def test_cases_are_spread_over_processes(run):
    """pytest-xdist hands them out like any tests."""
    pytest.importorskip("xdist")
    run("--campaignrules", "-n", "2").assert_outcomes(passed=4, failed=3)


def test_pytest_starts_without_any_module_of_ours():
    """Everybody who has the package installed would wait for it."""
    code = f"import sys, {PLUGIN}; print(sorted(name for name in sys.modules if name.startswith('campaignrules')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['campaignrules', 'campaignrules.pytest_plugin']"
