"""What MiniStack's new sessions still need before they are handed out."""

from __future__ import annotations

import math
import time

from shellhook.sandbox.wire import element, with_element

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from shellhook.sandbox.circumstances import Circumstances
    from shellhook.sandbox.emulator import Emulator
    from shellhook.sandbox.exchange import Exchange
    from shellhook.sandbox.mfa import Mfa

MAKERS = ("AssumeRole", "AssumeRoleWithWebIdentity", "GetSessionToken", "GetFederationToken")


def settle(exchange: Exchange, document: bytes, emulator: Emulator, mfa: Mfa, circumstances: Circumstances) -> bytes:
    """Give a new session its lifetime and its memory of the code; the answer with its true `Expiration`."""
    access_key_id = element(document, "AccessKeyId") or ""
    session = emulator.session(access_key_id)
    if exchange.action not in MAKERS or session is None:
        return document
    if exchange.action == "GetSessionToken" and exchange.code_was_good:
        mfa.remember(access_key_id)
    session["Chained"] = exchange.caller_is_session
    if circumstances.lifetime is not None:
        session["Expiration"] = time.time() + circumstances.lifetime
    # STS's times have whole seconds; a session ends when it says, and lives no shorter than it was meant to.
    session["Expiration"] = float(math.ceil(session["Expiration"]))
    shown = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(session["Expiration"] + circumstances.ahead))
    document = with_element(document, "Expiration", shown)
    return _inherit(exchange, document, session, emulator.session(exchange.access_key_id) or {})


def _inherit(exchange: Exchange, document: bytes, session: dict[str, Any], source: dict[str, Any]) -> bytes:
    """Source identity and transitive tags go down the whole chain of roles; the answer names the identity.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_role-chaining
    """
    if exchange.action != "AssumeRole":
        return document
    passed_on = source.get("TransitiveTags", [])
    session["SessionTags"] = [*(session.get("SessionTags") or []), *passed_on]
    keys = set(exchange.transitive_tag_keys)
    session["TransitiveTags"] = [*passed_on, *(tag for tag in session["SessionTags"] if tag["Key"] in keys)]
    identity = exchange.fields.get("SourceIdentity") or source.get("SourceIdentity")
    if not identity:
        return document
    session["SourceIdentity"] = identity
    end = b"</AssumeRoleResult>"
    return document.replace(end, b"<SourceIdentity>%b</SourceIdentity>%b" % (identity.encode(), end))
