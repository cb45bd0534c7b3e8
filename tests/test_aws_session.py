"""botocore with less of it loaded asks the same places, and signs for the same regions, as all of it."""

from __future__ import annotations

import subprocess
import sys

import botocore.config
import botocore.session
import pytest

from shellhook import aws_session

REGIONS = [
    "us-east-1",
    "eu-central-1",
    "ap-southeast-5",
    "mx-central-1",
    "aws-global",
    "cn-north-1",
    "us-gov-west-1",
    "eusc-de-east-1",
    "us-iso-east-1",
    "us-isob-east-1",
    "eu-west-99",
]


def _where(session, service, region, options):
    config = botocore.config.Config(**options)
    keys = {"aws_access_key_id": "AKIAEXAMPLE", "aws_secret_access_key": "x"}
    return asked_at(session.create_client(service, region_name=region, config=config, **keys), service)


def asked_at(client, service="sts"):
    """Where a call of the client would go, and the region and service that it is signed for."""
    seen = []

    def stop(request, **_):
        seen.append((request.url, request.headers["Authorization"].split(b"/")[2:4]))
        raise _Seen

    client.meta.events.register("before-send", stop)
    with pytest.raises(_Seen):
        client.get_caller_identity() if service == "sts" else client.list_mfa_devices()
    return seen


class _Seen(Exception):
    pass


@pytest.mark.parametrize("options", [{}, {"use_fips_endpoint": True}, {"use_dualstack_endpoint": True}], ids=str)
@pytest.mark.parametrize("service", ["sts", "iam"])
def test_the_same_place_and_signature_scope(service, options):
    all_of_it = botocore.session.Session()
    less = aws_session.without_files(("sts", "iam"))
    for region in REGIONS:
        if options and region == "aws-global":
            continue  # no region of its own, and such a host does not exist
        try:
            wanted = _where(all_of_it, service, region, options)
        except botocore.exceptions.BotoCoreError as error:
            with pytest.raises(type(error)):
                _where(less, service, region, options)
        else:
            assert _where(less, service, region, options) == wanted, region


def test_documentation_is_not_loaded():
    """In a process of its own: this one has loaded all of botocore."""
    code = (
        "import sys\n"
        "from shellhook import aws_session\n"
        "aws_session.without_files(('sts',)).create_client('sts', region_name='us-east-1')\n"
        "unneeded = ('html.parser', 'importlib.metadata', 'importlib.resources', 'jmespath.parser', 'boto3')\n"
        "loaded = [name for name in unneeded if name in sys.modules]\n"
        "sys.exit(' '.join(loaded) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_what_was_left_out_is_there_when_it_is_used():
    """What comes from botocore.docs can be called without harm; a paginator has jmespath compile its keys."""
    code = (
        "from shellhook import aws_session\n"
        "client = aws_session.without_files(('iam',)).create_client('iam', region_name='us-east-1')\n"
        "assert client.get_paginator('list_roles') is not None\n"
        "client.list_roles.__doc__\n"
        "import jmespath, jmespath.parser, configparser\n"
        "import botocore.configloader, botocore.waiter\n"
        "assert jmespath.search('a', {'a': 1}) == 1 and jmespath.compile is botocore.waiter.jmespath.compile\n"
        "assert botocore.configloader.configparser.RawConfigParser is configparser.RawConfigParser\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_environment_of_before_is_seen_for_a_while(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://ours")
    monkeypatch.setenv("AWS_PROFILE", "ghost")
    import os

    with aws_session.environment({"AWS_REGION": "eu-west-1", "AWS_PROFILE": "theirs"}):
        inside = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    assert inside == {"AWS_REGION": "eu-west-1"}
    assert os.environ["AWS_ENDPOINT_URL"] == "http://ours"
    assert os.environ["AWS_PROFILE"] == "ghost"
