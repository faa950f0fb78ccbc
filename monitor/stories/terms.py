"""What is particular in a text: its words cut to their beginnings, its numbers, and what survives a translation.

It must not depend on knowing the language, since a wrong guess for one of two articles would part them.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from zlib import crc32

#: Words are cut to this many letters: as good as a stemmer on headlines (measured), and the same for every language.
STEM = 6

_WORD = re.compile(r"\d+(?:[.,\u00a0\u202f' ]\d{3})+(?!\d)|\d+[.,]\d+|\w+(?:-\d\w*)*", re.UNICODE)
_POSSESSIVE = re.compile(r"['’]s\b", re.IGNORECASE)
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")
_SEPARATORS = re.compile(r"[.,\u00a0\u202f' ](?=\d{3}(?:\D|$))")

#: The words that a headline may share with any other, in the languages of most feeds.
STOP = frozenset(
    """
    a an the of to in on for and or with at by from is are was were be been as it its his her hers their them this
    that these those after before over under up out off new more most how what who why when where he she they you
    your we our us i my me not no but if so than then about into will would can could may might must should has have
    had do does did says say said tell tells told amid vs via just
    le la les l un une des du de d et en au aux dans sur pour par avec sans que qui quoi dont ou où est sont était
    ont a été être il elle ils elles on nous vous se sa son ses leur leurs ce cet cette ces plus pas ne n s qu c y
    après avant selon entre fait faire dit
    der die das den dem des ein eine einen einem einer eines und oder in im ins an am auf aus bei beim mit nach von vom
    vor zu zum zur über unter für durch gegen ohne um als wie ist sind war waren wird werden wurde hat haben nicht
    auch sich es er sie wir ihr nur noch mehr so sein seine ihre dass was wer
    el los las lo al del una unos unas y o u e en con por para sin sobre entre tras desde hasta que como más muy su
    sus se es son fue ser está están ha han no ya pero este esta estos estas le les si
    il gli i uno della delle dello degli dei dal dalla nel nella nei sul sulla con per tra fra che chi come più anche
    non sono è era ha hanno si suo sua loro ma ed di da
    o os um uma uns umas do da dos das no na nos nas em ao aos à às com por para sem sobre que como mais não são foi
    ser está seu sua seus suas se mas pelo pela
    и в во на с со к ко о об от до по из за у не ни что как это его ее её их он она они мы вы но или для при после
    перед над под без же бы был была было были будет может уже еще ещё из-за также только чем кто где когда
    і й та у в на з із зі до від за по про не що як це його її їх він вона вони ми ви але або для при після
    w we z ze na do od po za o u i a oraz lub ale nie to jest są był była było się że jak co dla przez przed nad pod
    czy jego jej ich już tylko
    het een van op te met voor door niet ook zijn was er aan bij naar om uit tot over dat die als dan maar heeft
    och att det som en ett på av med för till inte är den har om från
    ve bir bu için ile de da ne olarak olan daha çok en gibi kadar sonra
    في من على إلى الى عن مع أن ان إن هذا هذه ذلك التي الذي بعد قبل بين كل لا ما لم لن هو هي كان كانت قال و او أو
    در از به با که را این آن برای تا یک هم بر است شد می و یا
    של את על עם לא כי זה גם או אל הוא היא כל
    का की के में से को है पर और ने यह था
    """.split()
)


def fold(text: str) -> str:
    """Case-folded, without accents and compatibility forms."""
    spread = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in spread.casefold() if not unicodedata.combining(letter))


STOP = STOP | frozenset(fold(word) for word in STOP)


def words(text: str) -> list[str]:
    """The folded words of a text in order, numbers without separators, unspaced scripts as pairs of characters."""
    found: list[str] = []
    for word in _WORD.findall(_POSSESSIVE.sub("", fold(text))):
        if word[0].isdigit():
            found.append(_SEPARATORS.sub("", word))
        elif _UNSPACED.search(word):
            found.extend(_pairs(word))
        else:
            found.append(word)
    return found


def _pairs(word: str) -> list[str]:
    parts: list[str] = []
    for run in _UNSPACED.findall(word):
        parts.extend(run[place : place + 2] for place in range(max(1, len(run) - 1)))
    parts.extend(rest for rest in _UNSPACED.split(word) if rest)
    return parts


def stem(word: str) -> str:
    """The beginning of a word, by which its forms are taken for one; numbers and designations whole."""
    return word if any(letter.isdigit() for letter in word) else word[:STEM]


@lru_cache(maxsize=200_000)
def number_of(term: str) -> int:
    """A term as 32 bits, the same on every machine."""
    return crc32(term.encode("utf-8", "surrogatepass"))


def weight_of(word: str) -> float:
    """How particular a word is by its looks alone: long words more than short ones; 0 for words that say nothing.

    Counting how often headlines use a word does not help: a big story makes its own words common (measured).
    """
    if word in STOP or len(word) == 1 and not _UNSPACED.match(word):
        return 0.0
    if word.isdigit():
        return 0.8
    if _UNSPACED.match(word):
        return 0.5
    return min(1.0, 0.35 + 0.1 * len(word))
