"""Tests; a package so that its parts can be imported under one name by pytest and mypy alike."""
