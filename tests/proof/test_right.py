"""Whole configurations, made up, to botocore and to us: what the files say, where credentials come from, each call's
parameters, where it goes, what programs will see, or what is wrong.

botocore runs whole, but for the wire. The differences that are announced are the functions here, and in
`tests/test_plan_botocore.py`, whose names begin with `announced`; any other is a defect.
"""

from __future__ import annotations

import contextlib
import os
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from botocore.configprovider import ConfiguredEndpointProvider
from botocore.exceptions import BotoCoreError, ConfigParseError
from botocore.session import Session

from shellhook import environment, plan
from shellhook.errors import BadConfiguration, ShellhookError
from shellhook.profiles import Configuration, Files, read
from shellhook.session import Session as OurSession
from shellhook.sources import has_role
from tests.plans import request
from tests.proof.configurations import Made, configuration
from tests.proof.extent import extent, figure
from tests.test_plan_botocore import (
    ANNOUNCED_WORDS,
    OUR_WORDS,
    Answer,
    announced_devices,
    announced_names,
    announced_refusal,
    answered_by_botocore,
    answered_by_us,
    home,
    meaning,
)
from tests.test_profiles import write
from tests.test_profiles_botocore import assert_read_alike, botocore_reads

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from shellhook.plan import Plan

__all__ = ["home"]  # a fixture

SERVICES = ("sts", "s3", "iam")


PARTS = extent(1, 8)  # for as many processes


@pytest.mark.parametrize("part", range(PARTS))
def test_any_configuration_means_the_same(part: int, home: Path) -> None:
    met: Counter[str] = Counter()
    for number in range(part, extent(60, 4000), PARTS):
        made = configuration(number, home / "token")
        try:
            with pytest.MonkeyPatch.context() as patch:
                met[compared(home, made, patch)] += 1
        except Exception as error:
            raise AssertionError(f"configuration {number}: {made}") from error
    assert met["a session"] > met.total() / 4
    figure("Right", f"configurations compared with botocore, part {part + 1}", met.total())
    figure("Right", f"... and what they were, part {part + 1}", ", ".join(f"{n} {kind}" for kind, n in met.items()))


def compared(directory: Path, made: Made, patch: pytest.MonkeyPatch) -> str:
    """Assert that both answer alike. Gives the kind of the answer."""
    for place in ("given", "mended"):
        (directory / place).mkdir(exist_ok=True)
    files = write(directory / "given", *made.texts())
    ours = read(files)
    read_alike(made, ours, files)
    mended = write(directory / "mended", *made.texts(mended=True))
    try:
        theirs = answered_by_botocore(mended, made.profile, announced_region(made, read(mended)), patch)
    except ValueError as error:
        return announced_empty_region(error)
    if announced_unused_login(theirs, made, read(mended)):
        return "a login that is not used"
    try:
        planned = plan.make(request(files, made.profile), ours, made.environ, "me", {}, {})
    except ShellhookError as error:
        return refused_alike(made, error, theirs, ours, mended)
    if announced_empty_token(theirs, made):
        return "an empty variable"
    answered_alike(answered_by_us(planned), theirs, planned)
    seen_alike(planned, mended, made)
    return "a session" if not theirs.wrong else theirs.wrong


def announced_region(made: Made, ours: Configuration) -> dict[str, str]:
    """STS is asked where the profile says, else where either variable does; botocore knows one of them, and asks it
    first."""
    environ, name = made.environ, asked_for(made)
    named = ours.profile(name).get("region") if name in ours.names() else None
    region = named or environ.get("AWS_DEFAULT_REGION") or environ.get("AWS_REGION")
    return {**environ, "AWS_DEFAULT_REGION": region} if region else environ


def announced_empty_region(error: ValueError) -> str:
    """An empty region is none, where botocore makes a host's name of it."""
    assert ".." in str(error).partition("https://sts")[2]
    return "an empty region"


def announced_empty_token(theirs: Answer, made: Made) -> bool:
    """An empty variable is none, where botocore lets it stand before the profile's setting."""
    return theirs.wrong == "no credentials" and made.environ.get("AWS_WEB_IDENTITY_TOKEN_FILE") == ""


def announced_unused_login(theirs: Answer, made: Made, mended: Configuration) -> bool:
    """An sso-session that is broken is told where credentials come from it; botocore's clients look at it wherever the
    profile names one."""
    if theirs.wrong not in ("no such sso-session", "half of Identity Center"):
        return False
    profile = mended.profile(asked_for(made))
    return profile.get("sso_session") is not None and (has_role(profile) or not profile.get("sso_account_id"))


def asked_for(made: Made) -> str:
    return made.profile or made.environ.get("AWS_DEFAULT_PROFILE") or made.environ.get("AWS_PROFILE") or "default"


def read_alike(made: Made, ours: Configuration, files: Files) -> None:
    try:
        theirs = botocore_reads(files)
    except ConfigParseError:
        assert made.is_broken
        assert ours.check()
    else:
        assert not made.is_broken
        assert ours.check() == []
        assert_read_alike(ours, theirs)


def refused_alike(made: Made, error: ShellhookError, theirs: Answer, ours: Configuration, mended: Files) -> str:
    wrong = " and ".join(means for words, means in OUR_WORDS.items() if words in error.what) or error.what
    if announced_broken_section(made, error):
        return "a broken section"
    if announced_services(wrong, mended, made):
        return wrong
    if announced_no_default(wrong, theirs, made):
        return wrong
    assert wrong == theirs.wrong or (wrong, theirs.wrong) in ANNOUNCED_WORDS or announced_refusal(wrong, theirs), error
    return wrong


def announced_broken_section(made: Made, error: ShellhookError) -> bool:
    """A broken section costs that section, not the file: only who needs it cannot go on."""
    broken = isinstance(error, BadConfiguration) and error.what.endswith("cannot be used")
    assert not broken or made.is_broken
    return broken


def announced_services(wrong: str, mended: Files, made: Made) -> bool:
    """A services section that is not there is told at once; botocore tells it with the first client."""
    if wrong != "no such services":
        return False
    try:
        seen_with_profile(mended, made.profile, made.environ)
    except BotoCoreError as error:
        return meaning(error) == wrong
    return False


def announced_no_default(wrong: str, theirs: Answer, made: Made) -> bool:
    """Where nothing is named, and nothing is there, the profile that is missing is named, not the machine asked."""
    return (wrong, theirs.wrong, made.profile) == ("no such profile", "no credentials", None)


def answered_alike(ours: Answer, theirs: Answer, planned: Plan) -> None:
    """The source, each AssumeRole in order with all its parameters, and where the first one goes."""
    assert (ours.wrong, ours.source) == (theirs.wrong, theirs.source)
    if not theirs.calls:
        assert not ours.calls, "announced: a user's own keys give a session of GetSessionToken"
        return
    calls = announced_devices(announced_names([dict(call) for call in theirs.calls]), planned)
    assert announced_tags([dict(call) for call in ours.calls]) == calls
    assert ours.endpoint == theirs.endpoint
    assert ours.region == theirs.region or announced_home(ours.region, theirs.region)


def announced_tags(calls: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """`source_identity`, `session_tags` and `transitive_session_tags` of a profile are sent: aws-vault defined them,
    botocore leaves them alone."""
    for call in calls:
        for name in [name for name in call if name.startswith(("SourceIdentity", "Tags", "TransitiveTagKeys"))]:
            del call[name]
    return calls


def announced_home(ours: str, theirs: str) -> bool:
    """Where nobody names a region, none is made up: the client goes to botocore's own, as botocore does."""
    return ours == "" and theirs in ("us-east-1", "aws-global", None)


# --- what programs see


def seen(session: Session, environ: Mapping[str, str], sets: Mapping[str, str] | None = None) -> dict[str, str | None]:
    """What a program finds beside credentials: region, bundle, output, and the endpoints of some services. `sets` is
    what our session sets."""
    scoped = session.get_scoped_config()
    found = {
        "region": session.get_config_variable("region") or None,
        "bundle": session.get_config_variable("ca_bundle") or None,
        "output": environ.get("AWS_DEFAULT_OUTPUT") or scoped.get("output") or None,
        "fips": str(session.get_config_variable("use_fips_endpoint") or False),
        "dualstack": str(session.get_config_variable("use_dualstack_endpoint") or False),
    }
    ignored = session.get_config_variable("ignore_configured_endpoint_urls")
    for service in SERVICES:
        of_service = announced_precedence(environ, sets or {}, service)
        provider = ConfiguredEndpointProvider(session.full_config, scoped, service, of_service)
        found[service] = None if ignored else provider.provide() or None
    return found


def announced_precedence(environ: Mapping[str, str], sets: Mapping[str, str], service: str = "") -> dict[str, str]:
    """What a profile says of region and endpoints goes before what the environment had: it was asked for by name."""
    own = f"AWS_ENDPOINT_URL_{service.upper()}"
    gone = {*sets, *({"AWS_ENDPOINT_URL"} if own in sets else ())}
    return {name: value for name, value in environ.items() if name not in gone}


def seen_with_profile(
    files: Files, profile: str | None, environ: Mapping[str, str], sets: Mapping[str, str] | None = None
) -> dict[str, str | None]:
    """... with AWS_PROFILE set to it."""
    with in_environment({**environ, "AWS_CONFIG_FILE": files.config, "AWS_SHARED_CREDENTIALS_FILE": files.credentials}):
        return seen(Session(profile=profile), environ, sets)


def seen_in_our_shell(planned: Plan, environ: Mapping[str, str]) -> dict[str, str | None]:
    """... in a shell that has our session of it."""
    session = OurSession(access_key_id="ASIA", secret_access_key="s", session_token="t")
    settled = environment.settle(
        session,
        environment.Digests(request="0" * 32, previous=None, before="0" * 32),
        environ,
        environment.snapshot(environ),
        profile=planned.profile,
        role=planned.role,
        region=planned.region,
        settings=planned.settings,
    )
    there = {name: value for name, value in {**environ, **settled}.items() if value is not None}
    without_files = announced_default_section(there)
    with in_environment(without_files):
        return seen(Session(), without_files)


def announced_default_section(environ: dict[str, str]) -> dict[str, str]:
    """Without AWS_PROFILE programs look at [default]: what stands there is the user's, and is left aside here."""
    return {**environ, "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}


def seen_alike(planned: Plan, mended: Files, made: Made) -> None:
    if planned.profile not in read(mended).names():
        return  # the environment's own keys, and no profile
    sets = {**planned.settings, **({"AWS_DEFAULT_REGION": planned.region} if planned.region else {})}
    theirs = seen_with_profile(mended, planned.profile, announced_precedence(made.environ, sets), sets)
    assert seen_in_our_shell(planned, made.environ) == theirs


@contextlib.contextmanager
def in_environment(environ: Mapping[str, str]) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        for name, value in environ.items():
            patch.setenv(name, value)
        yield
