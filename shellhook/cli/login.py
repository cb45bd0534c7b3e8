"""login: a login to IAM Identity Center, if there is none that is valid."""

from __future__ import annotations

import os
import time

from shellhook import assume, environment, profiles
from shellhook.cli import options
from shellhook.cli.options import FLAG
from shellhook.errors import WrongUsage
from shellhook.mfa import Asker
from shellhook.sso import center
from shellhook.sso.login import SignIn, standing
from shellhook.ui import plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from shellhook.assume import Here
    from shellhook.cli.options import Parsed
    from shellhook.sso.center import Center

HELP = """\
shellhook login [PROFILE|SESSION]     log in to IAM Identity Center, in the browser; nothing is done while a login is
                                      valid or can be refreshed
  --device-code    with a code, to be entered in a browser anywhere; so it is without a browser here, and over SSH
  --force          log in even so
`aws` and every SDK use the same login: it is in ~/.aws/sso/cache."""
KINDS = {"--device-code": FLAG, "--force": FLAG, "--help": FLAG}
SHORT = {"-h": "--help"}


class _Willing(Asker):
    """Somebody who has asked for the login."""

    def login(self, center: Center, why: str) -> None:
        """It may begin."""


def run(words: list[str]) -> int:
    """Log in if need be, and say how long it lasts."""
    parsed = options.parse(words, KINDS, SHORT)
    here = assume.Here(dict(os.environ))
    at = meant(here, parsed)
    sign_in = SignIn(at, here.original, here.store, _Willing(here.environ, None), by_device=parsed.has("--device-code"))
    if parsed.has("--force"):
        before, token = None, sign_in.log_in()
    else:
        before, token = sign_in.kept(), sign_in.token()
    now = time.time()
    already = "signed in already" if token == before else "signed in"
    print(plain(f"{at.shown}: {already}: {standing(token, now)}, until {environment.rfc3339(token.expires)}"))
    return 0


def meant(here: Here, parsed: Parsed) -> Center:
    """The center that the words name, or the only one there is. Raises WrongUsage, BadConfiguration."""
    if len(parsed.positional) > 1:
        raise WrongUsage(f"one at a time: {' '.join(parsed.positional)}")
    configuration = profiles.read(here.files())
    if parsed.positional:
        return center.of_word(parsed.positional[0], configuration, here.original)
    return center.only(configuration, here.original)
