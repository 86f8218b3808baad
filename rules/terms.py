"""Search terms (检索词): what of a text can be found, made by one function for writing and for asking.

Chinese has no blanks between its words, so a run of its characters gives its bigrams, and its last character
besides, so that each of them begins a term; a name of two characters is one bigram. Words and numbers of
other scripts are taken whole. No database has to understand a language, and both find the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, pairwise
from unicodedata import normalize

MAX_TERMS = 64
"""Of one question; what is asked beyond it narrows nothing any more."""

LONGEST = 64
"""Characters of a word that are told apart."""

SHORT_NAME = 4
"""Characters of the longest name that is masked as a person's."""

_CHINESE = (
    (0x2E80, 0x2FDF),
    (0x3005, 0x3007),
    (0x3040, 0x30FF),
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xAC00, 0xD7AF),
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)
"""Scripts that are written without blanks: Han, kana, hangul."""


@dataclass(frozen=True)
class Asked:
    """One term of a question; `begins` where any term that begins so is meant."""

    term: str
    begins: bool = False


def terms_of(*texts: str) -> tuple[str, ...]:
    """The terms by which texts are found, each once, sorted."""
    return tuple(sorted({term for text in texts for run in _runs(text) for term in _terms(run)}))


def asked_in(text: str) -> tuple[Asked, ...]:
    """What a question asks for: all of it has to be there. Its last word may be typed in part."""
    runs = [*_runs(text)]
    found = dict.fromkeys(each for n, run in enumerate(runs, 1) for each in _asked(run, last=n == len(runs)))
    return tuple(found)[:MAX_TERMS]


def masked(name: str) -> str:
    """A name as others see it: 王某 is 王*, a company keeps beginning and end."""
    name = normalize("NFKC", name).strip()
    if len(name) <= SHORT_NAME:
        return name[:1] + "*" * (len(name) - 1)
    return f"{name[:2]}**{name[-2:]}"


def _runs(text: str) -> Iterator[str]:
    """Runs of letters and digits of one kind of script, in one form of writing."""
    plain = normalize("NFKC", normalize("NFKC", text).casefold())
    for kind, run in groupby(plain, _kind):
        if kind:
            yield "".join(run)


@lru_cache(maxsize=1 << 16)
def _kind(character: str) -> str:
    if not character.isalnum() and character not in "々〇":
        return ""
    return "chinese" if is_chinese(character) else "word"


def is_chinese(character: str) -> bool:
    """Whether it belongs to a script that is written without blanks."""
    return any(first <= ord(character) <= last for first, last in _CHINESE)


def _terms(run: str) -> Iterable[str]:
    if _kind(run[0]) == "word":
        return (run[:LONGEST],)
    return (*_bigrams(run), run[-1])


def _asked(run: str, *, last: bool) -> Iterable[Asked]:
    """One Chinese character alone is the beginning of a bigram."""
    if _kind(run[0]) == "word":
        return (Asked(run[:LONGEST], begins=last),)
    if len(run) == 1:
        return (Asked(run, begins=True),)
    return (Asked(bigram) for bigram in _bigrams(run))


def _bigrams(run: str) -> Iterator[str]:
    return (first + second for first, second in pairwise(run))
