"""A program of the user's own that calls AWS: botocore, with exactly the variables it would be started with.

It runs here, where botocore is loaded and knows its services: a program started for one call takes half a second.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from botocore.loaders import create_loader
from botocore.session import Session
from botocore.utils import ContainerMetadataFetcher

if TYPE_CHECKING:
    from collections.abc import Mapping

_MODELS = create_loader()  # keeps what it has read


def answered(environ: Mapping[str, str], service: str, call: str, profile: str | None = None) -> Mapping[str, Any]:
    """What AWS answers, and botocore's own exceptions. An endpoint that has no session is asked three times, with no
    second between them."""
    with patch.dict(os.environ, environ, clear=True), patch.object(ContainerMetadataFetcher, "SLEEP_TIME", 0.01):
        session = Session(profile=profile)
        session.register_component("data_loader", _MODELS)
        answer: Mapping[str, Any] = getattr(session.create_client(service), call)()
    return answer


def arn(environ: Mapping[str, str], profile: str | None = None) -> str:
    """Who AWS says it is."""
    return str(answered(environ, "sts", "get_caller_identity", profile)["Arn"])
