"""The words behind `assume`, and the request they make."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from shellhook.assume import Here
from shellhook.cli import assume, options, request_words
from shellhook.errors import NoSession, ShellhookError, WrongUsage
from shellhook.request import Request
from tests.desk import Desk, on
from tests.plans import BASE, DEVICE, arn, role

FORMER, PRESENT = "a" * 32, "b" * 32


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A home with two profiles."""
    aws = tmp_path / ".aws"
    aws.mkdir()
    (aws / "config").write_text(role("power-user") + BASE)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    return {"HOME": str(tmp_path), "USERPROFILE": str(tmp_path), "LOCALAPPDATA": str(tmp_path)}


def request_of(environ: dict[str, str], *words: str) -> Request:
    return request_words.request_of(Here(environ), options.parse(words, assume.KINDS, assume.SHORT))


def asked(environ: dict[str, str], profile: str | None = "x", **overrides: Any) -> Request:
    aws = Path(environ["HOME"], ".aws")
    return Request(profile=profile, config=str(aws / "config"), credentials=str(aws / "credentials"), **overrides)


WORDS = [
    (["x"], {}),
    (["-p", "x"], {}),
    (["--profile=x"], {}),
    (["x", "-r", "eu-west-1"], {"region": "eu-west-1"}),
    (["--region", "eu-west-1", "x"], {"region": "eu-west-1"}),
    (["x", "-d", "4h"], {"duration_seconds": 14_400}),
    (["x", "--duration-seconds=900"], {"duration_seconds": 900}),
    (["x", "--mfa-duration", "36h"], {"mfa_duration": 129_600}),
    (["x", "-e", "e-1"], {"external_id": "e-1"}),
    (["x", "--serial-number", DEVICE], {"serial_number": DEVICE}),
    (["x", "--role-arn", arn("r")], {"role_arn": arn("r")}),
    (["--role-arn", "power-user"], {"profile": None, "role_arn": "power-user"}),
    (["--chain", " one , team/two,,"], {"profile": None, "chain": ("one", "team/two")}),
    (["x", "--role-session-name", "me"], {"role_session_name": "me"}),
    (["x", "--source-identity", "me"], {"source_identity": "me"}),
    (["x", "--tags", "a=b, c = d=e"], {"tags": (("a", "b"), ("c", "d=e"))}),
    (["x", "--tags", "a=b", "--tags", "a=c,d="], {"tags": (("a", "b"), ("a", "c"), ("d", ""))}),
    (["x", "--transitive-tag-keys", "a, b"], {"transitive_tag_keys": ("a", "b")}),
    (["x", "--policy", '{"a": 1}'], {"policy": '{"a": 1}'}),
    (["x", "--policy-arns", "arn:p,arn:q"], {"policy_arns": ("arn:p", "arn:q")}),
    (["x", "--long-term"], {"long_term": True}),
    # These say how it is got, and are no part of it.
    (["x", "-t", "123456", "--min-ttl", "30m", "--save", "y", "--yes", "--debug", "--renew"], {}),
    (["it's `me` $(x)"], {"profile": "it's `me` $(x)"}),
    ([""], {"profile": ""}),
]


@pytest.mark.parametrize(("words", "overrides"), WORDS, ids=lambda value: " ".join(value) or "empty")
def test_words(words: list[str], overrides: dict[str, Any], environ: dict[str, str]) -> None:
    assert request_of(environ, *words) == asked(environ, **{"profile": "x", **overrides})


def test_the_files_are_absolute(environ: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A request is replayed from any directory."""
    monkeypatch.chdir(tmp_path)
    wanted = request_of({**environ, "AWS_CONFIG_FILE": "c"}, "x")
    assert wanted.config == str(tmp_path / "c")
    assert os.path.isabs(wanted.credentials)


REFUSED = [
    (["x", "ls"], ["'x'", "'ls'", "assume x -- ls", "assume 'x ls'"]),
    (["power", "user", "too"], ["assume power -- user too", "assume 'power user too'"]),
    (["x", "-p", "y"], ["'x'", "'y'"]),
    ([], ["which profile", "power-user, base"]),
    (["-r", "eu-west-1"], ["which profile"]),
    (["x", "--regoin", "r"], ["--regoin", "--region?"]),
    (["x", "-d", "soon"], ["--duration-seconds", "'soon'", "90m"]),
    (["x", "--mfa-duration", "1d"], ["--mfa-duration", "'1d'"]),
    (["x", "--tags", "a"], ["--tags", "'a'", "key=value"]),
    (["x", "--policy", "file:///nowhere"], ["--policy file:///nowhere", "No such file"]),
    (["x", "--region", "--renew"], ["--region", "needs a value"]),
]


@pytest.mark.parametrize(("words", "shown"), REFUSED, ids=lambda value: " ".join(value) or "nothing")
def test_refusals(words: list[str], shown: list[str], environ: dict[str, str]) -> None:
    with pytest.raises(WrongUsage) as caught:
        request_of(environ, *words)
    assert [word for word in shown if word not in str(caught.value)] == [], caught.value


def test_no_profile_and_there_are_none(environ: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(WrongUsage) as caught:
        request_of({**environ, "AWS_CONFIG_FILE": str(tmp_path / "none")})
    assert str(tmp_path / "none") in caught.value.why


def test_a_policy_of_a_file(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "policy.json").write_text('{"é": 1}\n', encoding="utf-8")
    for place in (str(tmp_path / "policy.json"), "~/policy.json"):
        assert request_of(environ, "x", "--policy", f"file://{place}").policy == '{"é": 1}\n'
    (tmp_path / "policy.json").write_bytes(b"\xff")
    with pytest.raises(WrongUsage, match=r"policy\.json"):
        request_of(environ, "x", "--policy", f"file://{tmp_path}/policy.json")


def test_an_external_id_is_asked_for_unseen(environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    questions: list[str] = []
    monkeypatch.setattr("shellhook.ui.terminal.Terminal.ask_unseen", lambda _, text: questions.append(text) or "e-1")
    assert request_of(environ, "x", "-e", "-").external_id == "e-1"
    assert "External ID" in questions[0]


def test_an_external_id_cannot_be_asked_for_without_a_terminal(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from shellhook.ui.terminal import NoTerminal

    def refuse(*_: object) -> str:
        raise NoTerminal("no such device")

    monkeypatch.setattr("shellhook.ui.terminal.Terminal.ask_unseen", refuse)
    with pytest.raises(ShellhookError, match="--external-id") as caught:
        request_of(environ, "x", "-e", "-")
    assert "no such device" in caught.value.why


# --- what was asked before


@pytest.fixture
def with_session(environ: dict[str, str]) -> dict[str, str]:
    """A session is on, and there was one before."""
    here = Here(environ)
    for digest, profile in ((FORMER, "former"), (PRESENT, "present")):
        saved = asked(environ, profile, region="eu-west-1", tags=(("a", "b"),))
        here.store.put_request(digest, {"request": saved.as_saved(), "learned": {}, "sets": {}})
    return {
        **environ,
        "SHELLHOOK_REQUEST": PRESENT,
        "SHELLHOOK_PREVIOUS": FORMER,
        "SHELLHOOK_KEY_ID": "ASIA",
        "AWS_ACCESS_KEY_ID": "ASIA",
    }


REPLAYED = [
    (["-"], "former"),
    (["-", "-t", "123456"], "former"),
    (["-", "--save", "new", "--yes"], "former"),
    (["-", "--min-ttl", "30m", "--renew"], "former"),
    (["--renew"], "present"),
    (["--renew", "-t", "123456", "--debug"], "present"),
]


@pytest.mark.parametrize(("words", "profile"), REPLAYED, ids=lambda value: " ".join(value))
def test_a_request_is_repeated_whole(words: list[str], profile: str, with_session: dict[str, str]) -> None:
    expected = asked(with_session, profile, region="eu-west-1", tags=(("a", "b"),))
    assert request_of(with_session, *words) == expected


def test_renewing_a_named_profile_is_a_request_of_its_own(with_session: dict[str, str]) -> None:
    assert request_of(with_session, "--renew", "x") == asked(with_session, "x")


@pytest.mark.parametrize("words", [["-", "-r", "us-east-1"], ["--renew", "-d", "2h"], ["-", "--tags", "a=c"]])
def test_what_is_repeated_cannot_be_changed(words: list[str], with_session: dict[str, str]) -> None:
    """It would be dropped without a word otherwise."""
    with pytest.raises(WrongUsage) as caught:
        request_of(with_session, *words)
    long = assume.SHORT.get(words[1], words[1])
    assert long in caught.value.what
    assert "profile" in caught.value.remedy


MISSING = [
    pytest.param(["-"], {}, id="no previous one"),
    pytest.param(["--renew"], {}, id="none on"),
    pytest.param(["-"], {"SHELLHOOK_PREVIOUS": "../../etc/passwd"}, id="what is no digest"),
    pytest.param(["--renew"], {"SHELLHOOK_REQUEST": "c" * 32}, id="one that the store has forgotten"),
]


@pytest.mark.parametrize(("words", "variables"), MISSING)
def test_there_is_nothing_to_repeat(words: list[str], variables: dict[str, str], environ: dict[str, str]) -> None:
    with pytest.raises(NoSession) as caught:
        request_of({**environ, **variables}, *words)
    assert caught.value.status == 2


# --- what the hook says of itself

CALLERS = [
    (["--subshell=1"], True),
    (["--subshell=0"], False),
    (["--subshell="], False),
    ([], False),
]


@pytest.mark.parametrize(("words", "subshell"), CALLERS)
def test_the_caller(words: list[str], subshell: bool) -> None:
    told = options.parse(["--shell", "zsh", "--pid", "42", "--hook", "1", *words], assume.HOOK_KINDS)
    found = assume.caller(told)
    assert (found.shell, found.pid, found.subshell) == ("zsh", 42, subshell)


def test_a_hook_of_another_number_gets_its_answer_and_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    told = options.parse(["--shell", "zsh", "--pid", "42", "--hook", "99"], assume.HOOK_KINDS)
    assert assume.caller(told).pid == 42
    assert len(capsys.readouterr().err.splitlines()) == 1


DAMAGED = [["--pid", "x", "--hook", "1"], ["--pid", "1"], ["--hook", "1"], ["--pid", "²", "--hook", "1"]]


@pytest.mark.parametrize("words", DAMAGED, ids=" ".join)
def test_a_damaged_call(words: list[str]) -> None:
    with pytest.raises(WrongUsage, match="damaged"):
        assume.caller(options.parse(["--shell", "zsh", *words], assume.HOOK_KINDS))


def test_without_a_hook_the_line_to_add_is_shown(environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ShellhookError) as caught:
        assume.run(["power-user"])
    assert "shellhook install" in caught.value.remedy


ALONE = [
    *(["--off", "x"], ["x", "--off"], ["--off", "--renew"], ["--off", "--json"], ["--off", "--", "x"]),
    *(["--status", "x"], ["--status", "--off"], ["--check", "30h"], ["--check", "--json"], ["--check", "-p", "x"]),
    *(["x", "--json"], ["--json"], ["x", "--serve", "--json"], ["x", "--verify"], ["-", "--json"]),
    *(["x", "--json", "--", "y"], ["x", "--external-id", "--list"], ["--paste", "--json"]),
]


@pytest.mark.parametrize("words", ALONE, ids=" ".join)
def test_words_that_would_go_unheeded_are_refused_before_anything_is_done(desk: Desk, words: list[str]) -> None:
    """Where --json is among them, the hook shows what is printed: that must never be the code with the keys."""
    environ = on(desk, "read-only")
    desk.sandbox.forget_calls()
    done = desk.run(*desk.hooked(*words), env=environ)
    assert (done.status, done.out) == (64, ""), done
    assert desk.sandbox.calls() == []
    assert "unset" in desk.run(*desk.hooked("--off"), env=environ).out, "what was there before is still known"


def test_the_version_asks_for_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert assume.run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("shellhook ")


def test_every_option_is_explained() -> None:
    missing = [name for name in assume.KINDS if name not in assume.HELP and name not in ("--help", "--version")]
    assert missing == []
