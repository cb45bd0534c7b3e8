"""The pages for people, and what makes those that are made: `make docs` and `make picture`."""

from __future__ import annotations
