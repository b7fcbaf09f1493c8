"""Tests as data: files of cases → outcomes and what no case touches."""
