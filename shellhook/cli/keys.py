"""keys: long-term keys in the operating system's keyring."""

from __future__ import annotations

import os

from shellhook import keys, profiles
from shellhook.assume import Here
from shellhook.cli import options
from shellhook.cli.options import FLAG, VALUE
from shellhook.errors import ShellhookError, WrongUsage
from shellhook.mfa import Asker
from shellhook.ui import plain, say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from shellhook.cli.options import Parsed

HELP = """\
shellhook keys import PROFILE     move its key from the file into the keyring; `aws` and every SDK still find it there
shellhook keys add PROFILE        type a key, for a profile that has none
shellhook keys list               the profiles whose key is in the keyring
shellhook keys rotate PROFILE     a new key in place of the old one, which is deleted
shellhook keys export PROFILE     print the key as a section of the credentials file
shellhook keys remove PROFILE     delete the key from the keyring, and its line from the file

  --region REGION    with add: the region of the profile
  --yes              with import, remove and rotate: do not ask

In the files stands `credential_process = .../shellhook keys process KEY-ID`, which prints the key."""
KINDS = {"--region": VALUE, "--yes": FLAG, "--help": FLAG}
SHORT = {"-h": "--help", "-y": "--yes", "-r": "--region"}


def run(words: list[str]) -> int:
    """Do what the first word says."""
    parsed = options.parse(words, KINDS, SHORT)
    verb, *names = parsed.positional or [""]
    if verb not in _VERBS:
        raise WrongUsage(
            f"keys: there is no {verb!r}" if verb else "keys: do what?",
            remedy="see what there is: shellhook keys --help",
        )
    if len(names) != (verb != "list"):
        raise WrongUsage(f"keys {verb} takes {'no profile' if verb == 'list' else 'one profile'}")
    return _VERBS[verb](parsed, "".join(names))


def _import(parsed: Parsed, name: str) -> int:
    from shellhook import install
    from shellhook.keys import moving

    here = Here(dict(os.environ))
    if not moving.bring(here, name, install.backend(os.environ), Asker(here.environ, None), yes=parsed.has("--yes")):
        return _nothing()
    return 0


def _add(parsed: Parsed, name: str) -> int:
    from shellhook import install
    from shellhook.keys import adding

    arn = adding.add(Here(dict(os.environ)), name, install.backend(os.environ), parsed.get("--region"))
    print(plain(f"{name}: the key of {arn}"))
    return 0


def _list(_parsed: Parsed, _name: str) -> int:
    from shellhook.keys import held, moving

    here = Here(dict(os.environ))
    found = held.all_in(profiles.read(here.files()))
    unknown: ShellhookError | None = None
    for each in found:
        state = ""
        try:
            keys.secret(each.key_id) if unknown is None else None
        except keys.NotThere:
            state = "   not in the keyring"
        except ShellhookError as error:
            unknown = error
        print(plain(f"{each.profile:<24} {each.key_id:<20} {each.where}{state}"), flush=True)
    moving.say_what_was_left(here)
    if unknown is not None:
        raise unknown
    if not found:
        say("no profile has its key in the keyring; to move one there: shellhook keys import PROFILE")
    return 0


def _remove(parsed: Parsed, name: str) -> int:
    from shellhook.keys import held, moving

    here = Here(dict(os.environ))
    configuration = profiles.read(here.files())
    found = held.in_keyring(configuration, name)
    others = [each.profile for each in held.of_key(found.key_id, configuration) if each.profile != name]
    if others:
        say(f"{found.where} is taken out; the key {found.key_id} stays, as it is that of {', '.join(others)} too")
    else:
        say(
            f"the key {found.key_id} of profile {name!r} is deleted from the keyring, and {found.where} is taken out.\n"
            "Nothing is put in its place, and AWS keeps no copy of a secret: `shellhook keys export` prints it. AWS\n"
            "takes the key until it is deleted there too."
        )
    if not (parsed.has("--yes") or Asker(here.environ, None).confirm("Delete it?", default=False)):
        return _nothing()
    moving.drop(here, name)
    return 0


def _export(_parsed: Parsed, name: str) -> int:
    from shellhook.cli.assume import print_code
    from shellhook.keys import held
    from shellhook.ui.terminal import NoTerminal, Terminal

    here = Here(dict(os.environ))
    found = held.in_keyring(profiles.read(here.files()), name)
    try:
        wanted = Terminal(here.environ).confirm(
            f"This prints the secret of {found.key_id}, which never expires: whoever sees it has the key. Go on?",
            False,
        )
    except NoTerminal as reason:
        raise ShellhookError("printing a key takes a yes at a terminal", why=str(reason)) from None
    if not wanted:
        return 1
    secret = keys.secret(found.key_id)
    return print_code(f"[{name}]\naws_access_key_id = {found.key_id}\naws_secret_access_key = {secret}\n")


def _rotate(parsed: Parsed, name: str) -> int:
    from shellhook import install
    from shellhook.keys.rotation import Rotation
    from shellhook.sts import Aws

    here = Here(dict(os.environ))
    aws, program = Aws(here.original), install.backend(os.environ)
    done = Rotation(here, name, program, aws, Asker(here.environ, None), yes=parsed.has("--yes")).run()
    if done is None:
        return _nothing()
    print(f"{plain(name)}: {done[1]} in place of {done[0]}, which is deleted")
    return 0


def _process(_parsed: Parsed, key_id: str) -> int:
    import json

    if not keys.is_key_id(key_id):
        raise WrongUsage(f"{key_id!r} is not the ID of a key", remedy="see what there is: shellhook keys --help")
    print(json.dumps({"Version": 1, "AccessKeyId": key_id, "SecretAccessKey": keys.secret(key_id)}))
    return 0


_VERBS = {
    "import": _import,
    "add": _add,
    "list": _list,
    "remove": _remove,
    "export": _export,
    "rotate": _rotate,
    "process": _process,
}


def _nothing() -> int:
    say("nothing was changed (without a terminal, --yes answers)")
    return 1
