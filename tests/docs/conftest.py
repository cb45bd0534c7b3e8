"""Whoever reads the pages types what they say."""

from __future__ import annotations

from tests.shell.conftest import person  # noqa: F401  # a fixture
