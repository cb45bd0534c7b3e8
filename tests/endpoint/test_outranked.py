"""What SDKs take before an endpoint, by file and line; botocore is the judge of the list."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import botocore.exceptions
import botocore.session
import pytest

from shellhook.endpoint import outranked
from shellhook.profiles import Files
from tests.servers import answering

if TYPE_CHECKING:
    from pathlib import Path

KEYS = "aws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = s3cr3t\n"
ANSWER = b'{"AccessKeyId":"ASIAENDPOINT","SecretAccessKey":"s","Token":"t","Expiration":"2100-01-01T00:00:00Z"}'
SSO = "sso_start_url = https://x.awsapps.com/start\nsso_region = us-east-1\n"
# The config file, the credentials file, further variables -> what is named, None if nothing outranks an endpoint.
TABLE = [
    ("", "", {}, None),
    ("[default]\nregion = eu-west-1\noutput = json\n", "", {}, None),
    ("[default]\nrole_session_name = me\nmfa_serial = arn:aws:iam::1:mfa/me\n", "", {}, None),
    (f"[profile other]\n{KEYS}", f"[another]\n{KEYS}", {}, None),
    ("", f"[DEFAULT]\n{KEYS}", {}, None),
    (f"[defaults]\n{KEYS}[profile defaults]\n{KEYS}", "", {}, None),
    ("[default]\nsource_profile = x\n", f"[x]\n{KEYS}", {}, None),
    ("[default]\nsso_session = x\n[sso-session x]\n" + SSO, "", {}, None),
    ("", f"[default]\n{KEYS}", {}, "credentials:2"),
    ("", f"[other]\n{KEYS}\n[default]\nregion = x\n{KEYS}", {}, "credentials:7"),
    (f"[default]\n{KEYS}", "", {}, "config:2"),
    (f"# mine\n[profile default]\nregion = x\n{KEYS}", "", {}, "config:4"),
    ("[default]\nregion = x\n", f"[default]\n{KEYS}", {}, "credentials:2"),
    ("[default]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = x\n", f"[x]\n{KEYS}", {}, "config:2"),
    ("[default]\nrole_arn = arn:aws:iam::1:role/r\n", "", {}, "config:2"),
    ("[default]\nrole_arn = arn:aws:iam::1:role/r\nweb_identity_token_file = /x\n", "", {}, "config:2"),
    ("[default]\ncredential_process = /bin/false\n", "", {}, "config:2"),
    (f"[default]\n{SSO}sso_account_id = 1\nsso_role_name = r\n", "", {}, "config:4"),
    (
        f"[default]\nsso_session = x\nsso_account_id = 1\nsso_role_name = r\n[sso-session x]\n{SSO}",
        "",
        {},
        "config:3",
    ),
    ("", "", {"AWS_WEB_IDENTITY_TOKEN_FILE": "/x", "AWS_ROLE_ARN": "arn:aws:iam::1:role/r"}, "AWS_WEB_IDENTITY"),
]


def botocore_takes_the_endpoint(monkeypatch: pytest.MonkeyPatch, files: Files, variables: dict[str, str]) -> bool:
    with answering(200, ANSWER) as server:
        for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
            monkeypatch.delenv(name, raising=False)
        environ = {
            "AWS_CONFIG_FILE": files.config,
            "AWS_SHARED_CREDENTIALS_FILE": files.credentials,
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{server.url}/x",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL": server.url,
            **variables,
        }
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        with contextlib.suppress(botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError, OSError):
            found = botocore.session.Session().get_credentials()
            return found is not None and found.get_frozen_credentials().access_key == "ASIAENDPOINT"
    return False


@pytest.mark.parametrize(("config", "credentials", "variables", "named"), TABLE)
def test_what_outranks_an_endpoint(
    config: str,
    credentials: str,
    variables: dict[str, str],
    named: str | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    files = Files(config=str(tmp_path / "config"), credentials=str(tmp_path / "credentials"))
    (tmp_path / "config").write_text(config, encoding="utf-8")
    (tmp_path / "credentials").write_text(credentials, encoding="utf-8")
    lines = outranked.by(files, variables)
    assert (not lines) == botocore_takes_the_endpoint(monkeypatch, files, variables)
    assert (named is None) == (not lines)
    assert named is None or named in lines[0]
    assert "s3cr3t" not in "".join(lines)
