"""Which profile is meant: how well what was typed fits a name, and what stands beside it.

Pure, and quick enough to be asked of 10,000 profiles at every key.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

# How a typed word fits, the best first. Of two names that fit equally well, the more used one comes first.
_PREFIX, _ABBREVIATION, _IN_NAME, _BESIDE, _LETTERS = range(1, 6)


def ranked(typed: str, names: Sequence[str], beside: Callable[[str], str], weights: Mapping[str, float]) -> list[str]:
    """The names that fit what was typed, best first; the most used ones first where they fit equally well, and in the
    order of `names` where they are used equally much.

    Every word that was typed has to fit: the name, or its account or role, which `beside` gives for a name. What is
    exactly a name is the first.
    """
    words = typed.lower().split()
    found = []
    for place, name in enumerate(names):
        rank = 0 if name == typed else _rank(words, name.lower(), lambda: beside(name).lower())  # noqa: B023
        if rank is not None:
            found.append((rank, -weights.get(name, 0.0), place, name))
    return [name for _, _, _, name in sorted(found)]


def matched(typed: str, text: str) -> set[int]:
    """The places in `text` that the typed words fit, for showing them."""
    places: set[int] = set()
    lowered = text.lower()
    for word in typed.lower().split():
        start = lowered.find(word)
        found = range(start, start + len(word)) if start >= 0 else _letters(word, lowered)
        places.update(found or ())
    return places


def meant(typed: str, names: Iterable[str]) -> str | None:
    """The one name that begins with what was typed, or that it abbreviates; None if there is none, or more."""
    word = typed.lower()
    for fits in (_begins, _abbreviates):
        found = [name for name in names if word and fits(word, name.lower())]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def _rank(words: Sequence[str], name: str, beside: Callable[[], str]) -> int | None:
    """The sum of how each word fits, 0 for nothing typed; None if one does not."""
    total = 0
    for word in words:
        if name.startswith(word):
            total += _PREFIX
        elif _abbreviates(word, name):
            total += _ABBREVIATION
        elif word in name:
            total += _IN_NAME
        elif word in beside():
            total += _BESIDE
        elif _letters(word, name) is not None:
            total += _LETTERS
        else:
            return None
    return total


def _begins(word: str, name: str) -> bool:
    return name.startswith(word)


def _abbreviates(word: str, name: str) -> bool:
    """Is the word made of beginnings of the name's parts, in their order: `pu` or `powus` of `power-user`? Parts may be
    left out. Nothing but signs is the beginning of no part."""
    if _letters(word, name) is None:  # most are not, and this is quick
        return False
    parts = "".join(letter if letter.isalnum() else " " for letter in name).split()
    rests = {"".join(letter for letter in word if letter.isalnum())}
    if "" in rests:
        return False
    for part in parts:
        for rest in tuple(rests):
            length = 0
            while length < min(len(part), len(rest)) and part[length] == rest[length]:
                length += 1
                rests.add(rest[length:])
    return "" in rests


def _letters(word: str, text: str) -> list[int] | None:
    """The places of the word's letters in the text, in their order; None if they are not all there."""
    places, place = [], -1
    for letter in word:
        place = text.find(letter, place + 1)
        if place < 0:
            return None
        places.append(place)
    return places
