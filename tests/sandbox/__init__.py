"""The loopback AWS, asked as boto3 asks AWS."""

from __future__ import annotations
