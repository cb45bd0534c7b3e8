"""How long a session is used, and from when on it is renewed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shellhook.session import Session, from_saved

NOW, H = 1_700_000_000, 3600
SESSION = Session(access_key_id="ASIAEXAMPLE", secret_access_key="wJalrXUtnFEMI", expires=NOW + H, issued=NOW)

RENEWED = [
    # life, needs a person from -> renewed silently from (seconds after it was issued)
    pytest.param(12 * H, None, 12 * H - 900, id="15 minutes before its end"),
    pytest.param(H, None, H - 900, id="an hour: the same"),
    pytest.param(900, None, 675, id="a session of 15 minutes: its last quarter"),
    pytest.param(8, None, 6, id="of seconds"),
    pytest.param(H, 0, None, id="a person is always needed"),
    pytest.param(H, H, H - 900, id="a person is needed when it has ended"),
    pytest.param(H, H - 900, None, id="a person is needed by then"),
    pytest.param(None, None, None, id="it has no end"),
]


@pytest.mark.parametrize(("life", "attended", "renewed"), RENEWED)
def test_renew_from(life: int | None, attended: int | None, renewed: int | None) -> None:
    session = SESSION.replace(
        expires=None if life is None else NOW + life,
        attended_from=attended if attended in (None, 0) else NOW + attended,
    )
    assert session.renew_from == (None if renewed is None else NOW + renewed)


USABLE = [
    # life, needs a person, the minimum asked -> the last second in which it is used
    pytest.param(H, False, None, H - 900 - 1, id="renewed silently from then on"),
    pytest.param(H, True, None, H - 60 - 1, id="until its last minute, where a code is needed"),
    pytest.param(120, True, None, 120 - 30 - 1, id="until its last quarter, if it lives for minutes"),
    pytest.param(H, False, 0, H - 1, id="no minimum at all"),
    pytest.param(H, False, 1800, 1799, id="a minimum"),
    pytest.param(H, True, 10, H - 11, id="a small one"),
    pytest.param(H, False, 2 * H, -H - 1, id="one that it never had"),
]


@pytest.mark.parametrize(("life", "attended", "minimum", "last"), USABLE)
def test_usable(life: int, attended: bool, minimum: int | None, last: int) -> None:
    session = SESSION.replace(expires=NOW + life, attended_from=0 if attended else None)
    assert session.usable(NOW + last, minimum)
    assert not session.usable(NOW + last + 1, minimum)


@pytest.mark.parametrize("minimum", [None, 0, 10**9])
def test_what_has_no_end_is_always_usable(minimum: int | None) -> None:
    session = SESSION.replace(expires=None)
    assert session.usable(NOW + 10**12, minimum)
    assert session.left(NOW) == float("inf")


texts = st.text(max_size=6)
sessions = st.builds(
    Session,
    access_key_id=texts.filter(bool),
    secret_access_key=texts.filter(bool),
    session_token=st.none() | texts.filter(bool),
    expires=st.none() | st.integers(0, 2**33),
    issued=st.integers(0, 2**33),
    attended_from=st.none() | st.integers(0, 2**33),
    account=st.none() | texts.filter(bool),
    arn=st.none() | texts.filter(bool),
    profile=texts,
    device=st.none() | texts.filter(bool),
)


@settings(max_examples=100, deadline=None)
@given(session=sessions)
def test_what_is_saved_is_the_same_session(session: Session) -> None:
    assert from_saved(session.as_saved()) == session


@settings(max_examples=100, deadline=None)
@given(session=sessions, now=st.integers(0, 2**33))
def test_silent_renewal_starts_before_the_end_and_before_a_person_is_needed(session: Session, now: int) -> None:
    renewed, expires = session.renew_from, session.expires
    if renewed is None or expires is None or session.issued > expires:
        return
    assert expires - 900 <= renewed <= expires
    assert session.attended_from is None or renewed < session.attended_from
    assert not (session.usable(now, None) and now >= expires)


def test_a_damaged_session_is_known() -> None:
    with pytest.raises(TypeError):
        from_saved({"access_key_id": "a"})
    with pytest.raises(TypeError):
        from_saved({**SESSION.as_saved(), "unheard": 1})


def test_a_repr_shows_no_secret() -> None:
    session = SESSION.replace(session_token="t0ken", device="arn:aws:iam::1:mfa/me")
    for text in (repr(session), str(session), f"{session}"):
        assert "wJalrXUtnFEMI" not in text
        assert "t0ken" not in text
        assert "MPLE" in text
