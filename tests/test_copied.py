"""What is offered to be copied, as it is."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shellhook import copied
from shellhook.errors import WrongUsage

KEY, SECRET = "ASIAIOSFODNN7EXAMPLE", "wJalr/XUtnFEMI+K7MDENG=bPxRfiCYEXAMPLEKEY"
TOKEN = "IQoJb3JpZ2luX2VjE" + "a/+=" * 90
AT, EPOCH = "2023-11-14T22:13:20", 1_700_000_000
STS = {"AccessKeyId": KEY, "SecretAccessKey": SECRET, "SessionToken": TOKEN}

_VALUES = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_SESSION_TOKEN": TOKEN}


def written(form: str, between: str = "\n") -> str:
    """The three values, each in this form."""
    return between.join(form.format(name=name, lower=name.lower(), value=value) for name, value in _VALUES.items())


FORMS = {
    "bash": written('export {name}="{value}"'),
    "PowerShell": written('$Env:{name}="{value}"'),
    "cmd": written("SET {name}={value}", "\r\n"),
    "fish": written("set -gx {name} '{value}'"),
    "one line": f"export {written('{name}={value}', ' ')}; aws s3 ls",
    "chained": written("export {name}='{value}'", " && "),
    "section": f"[1_Admin]\n{written('{lower}={value}')}\n",
    "spaced": f"[ x ]\n# copy it\n  {written('{lower} = {value}')}",
    "sts": json.dumps({"Credentials": STS, "AssumedRoleUser": {"Arn": "arn:aws:sts::1:assumed-role/r/s"}}, indent=4),
    "process": json.dumps({"Version": 1, **STS}),
    "sso": json.dumps(
        {
            "roleCredentials": {
                "accessKeyId": KEY,
                "secretAccessKey": SECRET,
                "sessionToken": TOKEN,
                "expiration": EPOCH * 1000,
            }
        }
    ),
}


@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS)
def test_every_form_that_is_offered(text: str) -> None:
    found = copied.parse(f"\n{text}\n")
    assert (found.access_key_id, found.secret_access_key, found.session_token) == (KEY, SECRET, TOKEN)


def test_the_section_names_it() -> None:
    assert copied.parse(FORMS["section"]).name == "1_Admin"
    assert copied.parse(FORMS["section"].replace("[1_Admin]", '[profile "my role"]')).name == "my role"
    assert copied.parse(FORMS["bash"]).name == copied.parse(FORMS["sts"]).name == ""


EXPIRES = [
    (f"{AT}Z", EPOCH),
    (f"{AT}+00:00", EPOCH),
    ("2023-11-14T23:13:20+01:00", EPOCH),
    (AT, EPOCH),
    (str(EPOCH), EPOCH),
    (str(EPOCH * 1000), EPOCH),
    ("soon", None),
]


@pytest.mark.parametrize(("written", "epoch"), EXPIRES, ids=[written for written, _ in EXPIRES])
def test_when_they_end(written: str, epoch: int | None) -> None:
    assert copied.parse(f"{FORMS['bash']}\nexport AWS_CREDENTIAL_EXPIRATION={written}").expires == epoch
    assert copied.parse(f"{FORMS['section']}x_security_token_expires = {written}\n").expires == epoch
    assert copied.parse(json.dumps({"Credentials": {**STS, "Expiration": written}})).expires == epoch


def test_the_region_comes_along() -> None:
    assert copied.parse(f"{FORMS['bash']}\nexport AWS_DEFAULT_REGION='eu-west-1'").region == "eu-west-1"
    assert copied.parse(f"{FORMS['section']}region = eu-west-1").region == "eu-west-1"


REFUSED = [
    ("", "no credentials"),
    ("hello world", "no credentials"),
    ("{", "this JSON is cut short"),
    (json.dumps({"Credentials": []}), "no credentials"),
    (FORMS["bash"].rpartition("\n")[0], "long-term keys"),
    (FORMS["bash"].partition("\n")[2], "the access key ID is missing"),
    (f"AWS_ACCESS_KEY_ID={KEY}", "the secret access key and the session token are missing"),
]


@pytest.mark.parametrize(("text", "what"), REFUSED, ids=[what for _, what in REFUSED])
def test_what_is_none_is_refused_and_not_quoted(text: str, what: str) -> None:
    with pytest.raises(WrongUsage) as caught:
        copied.parse(text)
    assert what in caught.value.what
    for secret in (KEY, SECRET, TOKEN):
        assert secret not in str(caught.value)


@given(st.text())
def test_any_text_is_taken_or_refused(text: str) -> None:
    for given_text in (text, "{" + text, FORMS["section"] + text):
        with contextlib.suppress(WrongUsage):
            copied.parse(given_text)
