"""What is special to completion in fish: its pager, its suggestions, its own places for completions, its variables."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from shellhook import shells as hooks
from tests.shell.backend import Backend
from tests.shell.conftest import present
from tests.shell.session import Start
from tests.shell.shells import Fish
from tests.shell.tab import CONFIG, CREDENTIALS, Desk

COMPLETIONS = Path(hooks._directory("completions"))
Sit = Callable[..., Desk]


@pytest.fixture
def sit(start: Start, backend: Backend) -> Sit:
    """`sit()`: a desk at fish."""
    fish = present(Fish("fish"))

    def sat(rc: str = "", **env: str | None) -> Desk:
        return Desk(fish, start, backend, rc, **env)

    return sat


@pytest.fixture
def alone(sit: Sit, backend: Backend, monkeypatch: pytest.MonkeyPatch) -> Sit:
    """`alone(put)`: a desk without the hook, where `put(from, to)` gave fish the completion file."""

    def sat(put: Callable[[Path, Path], object]) -> Desk:
        empty = backend.directory / "empty.fish"
        empty.write_text("function assume; end; function shellhook; end\n", encoding="ascii")
        monkeypatch.setattr(backend, "hook", lambda _: empty)
        desk = sit()
        directory = desk.home / ".config/fish/completions"
        directory.mkdir(parents=True, exist_ok=True)
        for name in ("assume", "shellhook"):
            put(COMPLETIONS / "shellhook.fish", directory / f"{name}.fish")
        return desk

    return sat


def candidates(desk: Desk, line: str) -> list[str]:
    """What fish would offer, as its own `complete` tells."""
    return desk.session.run(f"complete -C{desk.shell.quote(line)} | string replace \\t '|'").output.splitlines()


def test_candidates_have_descriptions(sit: Sit) -> None:
    desk = sit()
    assert candidates(desk, "assume power-") == [
        "power-tool|444455556666 the-tool",
        "power-user|111122223333 the-power",
    ]
    assert [row.split("|")[0] for row in candidates(desk, "assume --re")] == ["--region", "--renew"]
    assert "Europe (Stockholm)" in candidates(desk, "assume --region=eu-n")[0]


def test_descriptions_of_unusual_sections(sit: Sit) -> None:
    desk = sit()
    sections = [
        "[profile 'quo\\ted']\nROLE_ARN : arn:aws-cn:iam::000011112222:role/a/b/Q\n",
        '[profile "spa ced"] # t\n\n; role_arn = arn:aws:iam::9:role/no\nrole_arn=arn:aws:iam::000011112222:role/S\n',
        "[profile esc\\ aped]\nsso_role_name = E\nregion = x\nsso_account_id = 000011112222\n",
        "[profile bad]\nrole_arn = arn:aws:iam::0:role/\x1b[31m\n",
        "[profile both]\naws_access_key_id = AKIAX\n  [profile no]\nrole_arn = arn:aws:iam::000011112222:role/B\n",
        "[sso-session both]\nsso_account_id = 999911112222\n",
        "[profile keys]\naws_access_key_id = AKIAEXAMPLE\ncredential_process = /bin/x\n",
        "[default]\r\ncredential_process = x\r\n",
    ]
    desk.write("\ufeff" + "".join(sections), "[only]\nAWS_ACCESS_KEY_ID=AKIAEXAMPLE\n[none]\nregion = x\n")
    got = dict([*row.split("|"), ""][:2] for row in candidates(desk, "assume "))
    assert got == {
        "quo\\ted": "000011112222 Q",
        "spa ced": "000011112222 S",
        "esc aped": "000011112222 E",
        "bad": "",
        "both": "000011112222 B",
        "keys": "keys",
        "default": "process",
        "only": "keys",
        "none": "",
    }


def test_sections_that_are_no_profiles_are_not_offered_beside_them(sit: Sit) -> None:
    """Their headers begin as the names do. What they hold could turn the line around, or drive the terminal."""
    desk = sit()
    role = "role_arn = arn:aws:iam::000011112222:role/R\n"
    config = [f"[profile pa{end}]\n{role}" for end in ("y", "rt", "\u202eyes", "\tname word", "y two", " \x1b[31m")]
    desk.write("".join(config), "[pal]\naws_access_key_id = A\n[pa\u202e]\naws_access_key_id = A\n")
    assert candidates(desk, "assume pa") == ["pal|keys", "part|000011112222 R", "pay|000011112222 R"]


def test_what_fish_matches_is_offered(sit: Sit) -> None:
    sit().check(
        [
            ("assume READ", "assume read-only"),
            ("assume only", "assume read-only"),
            ("assume rdnly", "assume read-only"),
            ("env A=1 assume", "env A=1 assume"),
            ("A=1 assume re", "A=1 assume read-only"),
            ("true; and assume re", "true; and assume read-only"),
            ("true | assume -p re", "true | assume -p read-only"),
        ]
    )


def test_names_that_would_be_something_else(sit: Sit) -> None:
    """fish leaves the ~ of a candidate alone, and the backend takes a leading - for an option."""
    desk = sit()
    desk.write("[profile ~root]\n", "")
    assert desk.runs("assume ") == ["--profile=~root"]
    assert desk.runs("assume '~r") == ["~root"]
    assert desk.runs("assume \\~r") == ["~root"]
    desk.write("[profile -dash]\n", "")
    assert desk.runs("assume ") == ["--profile=-dash"]
    assert desk.runs("assume -das") == ["--profile=-dash"]


def test_suggestions_stay_fishs_own(sit: Sit) -> None:
    desk = sit("set -g fish_autosuggestion_enabled 1")
    desk.session.run("set -g fish_autosuggestion_enabled 1; assume read-only")
    desk.session.run("assume read-only")
    desk.session.type("assume re")
    desk.session.wait(r"> assume read-only *$")
    desk.session.key("ctrl-u")
    desk.session.type("assume po")
    desk.session.wait(r"> assume po *$")
    desk.clear()
    assert "__shellhook_profiles" not in desk.session.variables(), "nothing was read for it"


@pytest.mark.parametrize("put", [lambda file, link: link.symlink_to(file), shutil.copy], ids=["link", "copy"])
def test_the_file_by_itself(alone: Sit, put: Callable[[Path, Path], object]) -> None:
    desk = alone(put)
    before = desk.session.screen()
    desk.check([("assume re", "assume read-only"), ("assume --profile=power-t", "assume --profile=power-tool")])
    if put is not shutil.copy:  # which left the words behind
        desk.check([("shellhook expl", "shellhook explain"), ("assume -r eu-n", "assume -r eu-north-1")])
    assert desk.session.screen() == before
    listed = desk.session.run("complete -c assume; complete -c shellhook").output
    assert listed.count("__shellhook_complete") == 2


def test_the_hook_and_the_file_together(sit: Sit) -> None:
    desk = sit()
    directory = desk.home / ".config/fish/completions"
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "assume.fish").symlink_to(COMPLETIONS / "shellhook.fish")
    desk.check([("assume re", "assume read-only"), ("shellhook expl", "shellhook explain")])
    assert desk.session.run("complete -c assume").output.count("__shellhook_complete") == 1


def test_no_warning_of_a_file_that_is_gone(sit: Sit, tmp_path: Path) -> None:
    markers = tmp_path / "state/shellhook/markers"
    markers.mkdir(parents=True)
    (markers / "gone").symlink_to("nowhere")
    os.mkfifo(markers / "pipe")
    desk = sit(XDG_STATE_HOME=str(tmp_path / "state"))
    before = desk.session.screen()
    desk.check([("assume re", "assume read-only")])
    for name in ("config", "credentials"):
        (desk.home / ".aws" / name).unlink()
        (desk.home / ".aws" / name).symlink_to("nowhere")
    desk.check([("assume re", "assume re")])
    for name in ("config", "credentials"):
        (desk.home / ".aws" / name).unlink()
        os.mkfifo(desk.home / ".aws" / name)
    desk.check([("assume re", "assume re")])
    assert desk.session.screen() == before


def test_universal_variables_are_not_touched(sit: Sit) -> None:
    desk = sit("set -U kept 1")
    file = desk.home / ".config/fish/fish_variables"
    names = desk.session.run("set -nU").output
    before = file.read_bytes()
    desk.check([("assume re", "assume read-only"), ("shellhook expl", "shellhook explain")])
    assert desk.session.run("set -nU").output == names
    assert file.read_bytes() == before


def test_variables_of_the_user_are_not_touched(sit: Sit) -> None:
    """What `set`, `read`, `for` or a pattern sets without a scope would be the user's, if there is one."""
    text = (COMPLETIONS / "shellhook.fish").read_text(encoding="ascii")
    names = set(re.findall(r"\bset (?:-\w+ )*([a-z]\w*)|\bread (?:-\w+ )*(\w+)|\bfor (\w+)|\?<([a-z]\w*)>", text))
    plain = sorted({name for found in names for name in found if name})
    assert {"option", "before", "text", "marker"} <= set(plain)
    desk = sit("; ".join(f"set -g {name} mine" for name in plain), AWS_CONFIG_FILE="$HOME/.aws/${none}config")
    desk.write("[profile 'read\\ only']\n [profile read-only] # x\nx = 1\n  [profile no]\n")
    (desk.home / ".aws" / "${none}config").symlink_to("config")
    desk.check([("assume read-", "assume read-only")])
    desk.check([("assume --region=eu-n", "assume --region=eu-north-1"), ("shellhook expl", "shellhook explain")])
    variables = desk.session.variables()
    assert [name for name in plain if "mine" not in variables.get(name, "")] == []


def test_what_was_read_is_kept_until_it_changes(sit: Sit) -> None:
    """A file that was written long ago is not read again."""
    desk = sit()
    past = 1_000_000_000
    for name, text in (("config", CONFIG), ("credentials", CREDENTIALS)):
        desk.write(**{name: text})
        os.utime(desk.home / ".aws" / name, (past, past))
    assert desk.after("assume re") == "assume read-only"
    desk.session.run("set -g __shellhook_profiles only-in-memory")
    assert desk.after("assume only-in") == "assume only-in-memory"
    desk.write(config=CONFIG)
    assert desk.after("assume re") == "assume read-only"
