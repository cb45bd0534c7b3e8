"""Profiles for what the portal offers, as bytes of the config file."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shellhook import profiles
from shellhook.errors import BadConfiguration, WrongUsage
from shellhook.sso import sync
from shellhook.sso.center import Center
from shellhook.sso.sync import Assignment, Change

CORP = Center(name="corp", start_url="https://corp/start", region="eu-west-1", where="config:1", endpoints={})
OLD = CORP.replace(name=None)
BEGIN, END = "# >>> shellhook sso corp >>>", "# <<< shellhook sso corp <<<"
PROD = Assignment(account="111122223333", account_name="Prod Payments", role="Admin")
READ = PROD.replace(role="Read-Only")
TEST = Assignment(account="444455556666", account_name="", role="Admin")
SESSION = "[sso-session corp]\nsso_start_url = https://corp/start\nsso_region = eu-west-1\n"
PROD_SECTION = """\
[profile prod-payments-Admin]
sso_session = corp
sso_account_id = 111122223333
sso_role_name = Admin

"""
TEST_SECTION = PROD_SECTION.replace("prod-payments", "test").replace("111122223333", "444455556666")
READ_SECTION = PROD_SECTION.replace("Admin", "Read-Only")


def planned(content: str, *assignments: Assignment, taken: tuple[str, ...] = (), **options: object) -> Change:
    center = options.pop("center", CORP)
    return sync.planned(content.encode(), center, assignments, taken, **options)  # type: ignore[arg-type]


def after(content: str, *assignments: Assignment, **options: object) -> str:
    return planned(content, *assignments, **options).after.decode()  # type: ignore[arg-type]


def test_a_block_is_added_at_the_end() -> None:
    change = planned(SESSION, PROD)
    assert change.after.decode() == f"{SESSION}\n{BEGIN}\n{PROD_SECTION}{END}\n"
    assert (change.added, change.gone) == (("prod-payments-Admin",), ())


def test_accounts_are_in_the_order_of_their_names() -> None:
    assert planned("", TEST, READ, PROD).added == (
        "444455556666-Admin",
        "prod-payments-Admin",
        "prod-payments-Read-Only",
    )


def test_the_older_kind_of_login_is_written_with_its_keys() -> None:
    assert "sso_start_url = https://corp/start\nsso_region = eu-west-1\nsso_account_id" in after("", PROD, center=OLD)


def test_a_region_is_written_where_one_is_given() -> None:
    assert after("", PROD, region="eu-central-1").count("region = eu-central-1\n") == 1


@pytest.mark.parametrize("content", ["", "x", SESSION, SESSION.replace("\n", "\r\n"), "# only a comment\n", "\n\n\n"])
def test_a_second_sync_changes_nothing(content: str) -> None:
    once = planned(content, PROD, TEST)
    twice = sync.planned(once.after, CORP, [TEST, PROD], [*once.added])
    assert (twice.after, twice.added, twice.gone) == (once.after, (), ())
    assert once.after.startswith(content.encode())
    assert (b"\r\n" in once.after) == ("\r\n" in content) == (once.after.count(b"\r\n") == once.after.count(b"\n"))


def test_what_the_user_changed_inside_stays() -> None:
    edited = PROD_SECTION.replace("prod-payments-Admin", "money").replace("\n\n", "\nregion = us-east-1\n; mine\n\n")
    own = "[profile mine]\nregion = eu-west-1\n\n"
    content = f"{SESSION}\n{BEGIN}\n# a note\n{edited}{own}{END}\n[profile below]\nregion = x"
    change = planned(content, PROD)
    assert change.after.decode() == content
    more = planned(content, PROD, READ, prune=True).after.decode()
    assert more.startswith(content[: content.index(END)])
    assert more.endswith(f"{END}\n[profile below]\nregion = x")


def test_what_is_not_assigned_any_more_goes_only_when_pruned() -> None:
    content = planned(SESSION, PROD, TEST).after.decode()
    kept = planned(content, TEST)
    assert (kept.after.decode(), kept.gone) == (content, ("prod-payments-Admin",))
    pruned = planned(content, TEST, prune=True)
    assert PROD_SECTION not in pruned.after.decode()
    assert pruned.after.decode() == content.replace(PROD_SECTION, "")


BELOW = [
    # what stands below the section of a role that is assigned, and stays there
    pytest.param(PROD_SECTION.replace("prod-payments-Admin", "prod-us"), id="another one for the same role"),
    pytest.param(TEST_SECTION.replace("= corp", "= other"), id="one of another session"),
    pytest.param(TEST_SECTION.replace("sso_session = corp", "sso_start_url = https://corp/start"), id="an older one"),
    pytest.param("[profile mine]\nregion = eu-west-1\n", id="one of something else"),
]


@pytest.mark.parametrize("below", BELOW)
def test_what_is_not_this_session_s_or_assigned_is_not_pruned(below: str) -> None:
    content = f"{SESSION}\n{BEGIN}\n{PROD_SECTION}{below}{END}\n"
    change = planned(content, PROD, prune=True)
    assert (change.after.decode(), change.added, change.gone) == (content, (), ())


def test_of_the_older_kind_a_session_s_is_not_pruned() -> None:
    block = after("", PROD, TEST, center=OLD)
    mark = "# <<< shellhook sso"
    content = block.replace(mark, f"{READ_SECTION}{mark}")
    change = planned(content, PROD, prune=True, center=OLD)
    assert change.gone == ("444455556666-Admin",)
    assert READ_SECTION in change.after.decode()


def test_a_comment_above_the_next_section_is_not_pruned() -> None:
    note = "# of the next one\n; and more of it\n"
    content = f"{SESSION}\n{BEGIN}\n{TEST_SECTION}{note}{PROD_SECTION}{READ_SECTION}# the end\n{END}\n"
    pruned = f"{SESSION}\n{BEGIN}\n{note}{PROD_SECTION}# the end\n{END}\n"
    assert after(content, PROD, prune=True) == pruned


NAMES = [
    ("{account}-{role}", PROD, (), "prod-payments-Admin"),
    ("{account}-{role}", PROD, ("prod-payments-Admin",), "111122223333-Admin"),
    ("{account}-{role}", PROD, ("prod-payments-Admin", "111122223333-Admin"), "prod-payments-Admin-111122223333"),
    ("{account_id}-{role}", PROD, ("111122223333-Admin", "111122223333-Admin-111122223333"), "111122223333-Admin-2"),
    (
        "{account_id}-{role}",
        PROD,
        ("111122223333-Admin", "111122223333-Admin-111122223333", "111122223333-Admin-2"),
        "111122223333-Admin-3",
    ),
    ("{session}/{account_id}/{role}", PROD, (), "corp/111122223333/Admin"),
    ("{account}.{role}", TEST, (), "444455556666.Admin"),
    ("{account}-{role}", PROD.replace(account_name='R&D [old]; "it\'s" $(x) #1'), (), "r-d-old-it-s-x-1-Admin"),
    ("{account} {role}", PROD, (), "prod-payments Admin"),
]


@pytest.mark.parametrize(("template", "assignment", "taken", "name"), NAMES)
def test_names(template: str, assignment: Assignment, taken: tuple[str, ...], name: str, tmp_path: Path) -> None:
    change = planned(SESSION, assignment, taken=taken, template=template)
    assert change.added == (name,)
    config = tmp_path / "config"
    config.write_bytes(change.after)
    configuration = profiles.read(profiles.Files(config=str(config), credentials=str(tmp_path / "none")))
    assert configuration.check() == []
    assert configuration.profile(name).get("sso_account_id") == assignment.account


def test_accounts_of_one_name_are_told_apart() -> None:
    other = PROD.replace(account="999900001111")
    assert planned("", PROD, other).added == ("prod-payments-Admin", "999900001111-Admin")


@pytest.mark.parametrize("template", ["{nothing}-{role}", "{account}", "{role}", "x", "{account", "{role}{}"])
def test_a_template_that_makes_no_names_is_refused(template: str) -> None:
    with pytest.raises(WrongUsage) as caught:
        sync.check_template(template)
    assert repr(template) in caught.value.what


@pytest.mark.parametrize("content", [BEGIN, END, f"{END}\n{BEGIN}\n", f"{BEGIN}\n{BEGIN}\n{END}\n"])
def test_damaged_marks_are_told_and_nothing_is_changed(content: str) -> None:
    with pytest.raises(BadConfiguration) as caught:
        planned(content, PROD)
    assert BEGIN in caught.value.why


def test_blocks_of_other_centers_are_not_touched() -> None:
    first = planned(SESSION, PROD).after.decode()
    second = planned(first, TEST, center=CORP.replace(name="other")).after.decode()
    assert second.startswith(first)
    assert planned(second, PROD).after.decode() == second


lines = st.lists(st.binary(max_size=12).filter(lambda line: b">>>" not in line and b"<<<" not in line), max_size=6)
some = st.lists(
    st.builds(
        Assignment,
        account=st.sampled_from(["111122223333", "444455556666"]),
        account_name=st.text(max_size=8),
        role=st.text("ab+=,.@-_", min_size=1, max_size=6),
    ),
    max_size=5,
)


@given(lines, lines, some, some, st.booleans())
def test_nothing_outside_the_marks_is_changed(
    above: list[bytes], below: list[bytes], before: list[Assignment], now: list[Assignment], prune: bool
) -> None:
    begin, end = BEGIN.encode(), END.encode()
    head = b"\n".join([*above, b""])
    tail = b"\n".join(below)
    block = sync.planned(b"", CORP, before, []).after or begin + b"\n" + end + b"\n"
    made = sync.planned(head + block + tail, CORP, now, [], prune=prune).after
    assert made.startswith(head + begin)
    assert made.endswith(end + b"\n" + tail)
    assert sync.planned(made, CORP, now, [], prune=prune).after == made
