"""The broker: who is asked for a code, by whom it is given, and which is sent."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import pytest

from shellhook.errors import NoCode, NoNetwork
from shellhook.mfa import Asker
from tests.broker import authenticator, calls, someone, taken, with_process
from tests.desk import Typist

if TYPE_CHECKING:
    from pathlib import Path

    from tests.desk import Desk

posix = pytest.mark.skipif(os.name != "posix", reason="signals and terminals")


# --- codes


def wrong_codes(desk: Desk) -> list[str]:
    first = int(desk.sandbox.wrong_code("alice"))
    return [f"{first + number:06}" for number in range(3)]


def test_a_wrong_code_is_asked_again(desk: Desk) -> None:
    typist = Typist(*wrong_codes(desk)[:2], lambda: desk.sandbox.code("alice"))
    desk.assume("base", typist)
    assert len(typist.asked) == 3
    assert calls(desk) == ["GetSessionToken: AccessDenied"] * 2 + ["GetSessionToken"]
    assert len(desk.said) == 2
    assert all(line.startswith("AWS did not take the MFA code: ") for line in desk.said)


def test_three_wrong_codes_are_enough(desk: Desk) -> None:
    typist = Typist(*wrong_codes(desk))
    with pytest.raises(NoCode, match="did not take the MFA code"):
        desk.assume("base", typist)
    assert calls(desk) == ["GetSessionToken: AccessDenied"] * 3
    assert len(desk.said) == 2, "the third is said once, as the error"
    desk.assume("base", someone(desk, "alice"))


def test_a_used_code_is_not_sent(desk: Desk) -> None:
    """AWS would say that it is wrong. We know better, and how long it takes to the next."""
    code = desk.sandbox.code("alice")
    desk.assume("base", Typist(code))
    taken(desk)
    typist = Typist(code, lambda: desk.sandbox.code("alice"))
    desk.assume("base", typist, fresh=True)
    assert taken(desk) == ["GetSessionToken"]
    (said,) = desk.said
    waits = re.fullmatch(r"this MFA code was used already: wait for the next one, (\d+)s from now", said)
    assert waits
    assert 1 <= int(waits[1]) <= 30


def test_a_wrong_code_that_is_typed_again_is_not_sent_again(desk: Desk) -> None:
    wrong = desk.sandbox.wrong_code("alice")
    with pytest.raises(NoCode, match="used already"):
        desk.assume("base", Typist(wrong, wrong, wrong))
    assert calls(desk) == ["GetSessionToken: AccessDenied"]


def test_a_code_that_did_not_get_there_may_be_sent_again(desk: Desk, closed_port: str) -> None:
    code = desk.sandbox.code("alice")
    with pytest.raises(NoNetwork):
        desk.assume("base", Typist(code), environ={"AWS_ENDPOINT_URL": closed_port})
    desk.assume("base", Typist(code))


def test_a_code_from_the_command_line_is_used_without_a_question(desk: Desk) -> None:
    desk.assume("power-user", Asker({}, desk.sandbox.code("alice")))
    assert calls(desk) == ["GetSessionToken", "AssumeRole"]


def test_it_is_used_once() -> None:
    asker = Asker({}, "123456")
    assert asker.has_given
    assert asker.code("me", "exit 1", "") == "123456", "before any command of the profile's"
    assert not asker.has_given


@pytest.mark.parametrize("used", [False, True], ids=["wrong", "used"])
def test_one_that_is_refused_is_not_asked_about(desk: Desk, used: bool) -> None:
    """It stood in a script, maybe: nobody is there to answer."""
    code = desk.sandbox.code("alice") if used else desk.sandbox.wrong_code("alice")
    if used:
        desk.assume("base", Typist(code))
    with pytest.raises(NoCode, match="used already" if used else "did not take"):
        desk.assume("base", Asker({}, code), fresh=True)
    assert calls(desk).count("GetSessionToken") == used


@pytest.mark.parametrize("typed", ["12345", "1234567", "12345a", "", "١٢٣٤٥٦", " 12345"])
def test_what_is_no_code_is_refused_at_once(typed: str) -> None:
    with pytest.raises(NoCode, match="no code"):
        Asker({}, typed)


def test_a_code_that_is_not_needed_is_not_sent(desk: Desk) -> None:
    desk.assume("read-only", Asker({}, "123456"))
    assert "TokenCode" not in desk.sandbox.calls()[0]["parameters"]


# --- mfa_process


def test_the_code_comes_from_the_command(desk: Desk, tmp_path: Path) -> None:
    desk.assume(with_process(desk, authenticator(desk, tmp_path)))
    assert calls(desk) == ["GetSessionToken"]
    assert (tmp_path / "runs").read_text() == "x\n"


def test_blanks_around_it_do_not_matter(desk: Desk) -> None:
    desk.assume(with_process(desk, f"printf '  {desk.sandbox.code('alice')}  \\n\\n'"))


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("exit 3", "it ended with status 3"),
        ("echo 123456; exit 1", "it ended with status 1"),
        ("echo 12345", "it did not print 6 digits"),
        ("printf '123456\\n654321\\n'", "it did not print 6 digits"),
        ("printf '\\377\\000'", "it did not print 6 digits"),
        (":", "it did not print 6 digits"),
        ("no-such-command-at-all 2>/dev/null", "it ended with status 127"),
        ("echo 123456 >&2", "it did not print 6 digits"),
    ],
)
def test_a_command_that_gives_none(desk: Desk, command: str, why: str) -> None:
    with pytest.raises(NoCode, match="mfa_process gave no code") as caught:
        desk.assume(with_process(desk, command))
    assert caught.value.why == why
    assert command not in str(caught.value), "the seed of the codes may stand in it"
    assert calls(desk) == []


def test_a_command_whose_code_is_refused_runs_once(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "code").write_text(desk.sandbox.wrong_code("alice"))
    with pytest.raises(NoCode, match="did not take"):
        desk.assume(with_process(desk, f"echo x >> '{tmp_path}/runs'; cat '{tmp_path}/code'"))
    assert (tmp_path / "runs").read_text() == "x\n"


@posix
def test_the_command_has_the_terminal(desk: Desk, tmp_path: Path) -> None:
    """For a touch, a PIN: it can ask and read there."""
    question = "printf 'PIN: ' >&2; read pin; [ \"$pin\" = 1234 ] || exit 9; stty -a >/dev/null || exit 8;"
    with_process(desk, authenticator(desk, tmp_path, question))
    with desk.terminal(*desk.hooked("process")) as terminal:
        terminal.wait("^PIN:")
        terminal.type("1234")
        terminal.key("enter")
        assert terminal.wait_end() == 0
        assert "AWS_ACCESS_KEY_ID" in terminal.history()
