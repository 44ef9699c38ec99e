"""The rules of a good password: its length, and that nobody guesses it. Any characters are welcome, pasted or typed."""

import unicodedata
from collections.abc import Collection
from functools import cache
from pathlib import Path

from portal import words
from portal.program import ProgramFacts

LEAST_ALONE, LEAST_WITH_ANOTHER, MOST = 15, 12, 128  # characters, as a reader counts them
OWN_NAME = "foothold"
MOST_TYPED = 4 * MOST  # code points: no letter is composed of more than four of them
SHORTEST_WORD = 4  # of a name or address, to be looked for inside a password
LEAST_BESIDE = 8  # letters that must be left when the clinic's and the person's words are taken out
SCORED = 32  # characters that zxcvbn sees: of 128 it may take seconds over the wrong ones
TOO_LONG = f"This has {{}}. Use {MOST} at most."
LEAST_SCORE = 3  # of zxcvbn's 0 to 4: more than ten to the eighth guesses


def normal(password: str) -> str:
    """The one form in which a password is counted, hashed and checked, however a keyboard composed its letters.

    What is too long for any password is cut, and stays too long: putting thousands of marks in order takes seconds.
    """
    return unicodedata.normalize("NFC", password[: MOST_TYPED + 1])


def least(second_factor: bool) -> int:
    """The least number of characters: fewer where a second factor is asked for too."""
    return LEAST_WITH_ANOTHER if second_factor else LEAST_ALONE


def own_words(program: ProgramFacts, *of_the_person: str) -> list[str]:
    """The words that a guesser would try first here: the program's names, and the person's names and address."""
    return [OWN_NAME, program.name, program.shown_as, *of_the_person]


def faults(password: str, second_factor: bool, own_words: Collection[str]) -> str | None:
    """The fault of this password, in one sentence; None for a good one.

    `second_factor` says that something else is asked for beside it; for staff it is False all the same. Length, a
    list of common passwords, the `own_words`, and zxcvbn decide; no kind of character is asked for. zxcvbn judges by
    the first SCORED characters, and everything else sees them all.
    """
    if len(password) > MOST_TYPED:
        return TOO_LONG.format(words.counted(len(password), "character"))
    password = normal(password)
    fewest = least(second_factor)
    if len(password) < fewest:
        has = words.counted(len(password), "character")
        return f"This has {has}. Use {fewest} or more: a few words in a row work well."
    if len(password) > MOST:
        return TOO_LONG.format(words.counted(len(password), "character"))
    if _bare(password) in common():
        return "Many people use this one, so it is guessed first. Choose another."
    if _mostly(password, own_words):
        return "This is mostly a name or address that others know. Use words that have nothing to do with you or us."
    if _score(password, own_words) < LEAST_SCORE:
        return "This is easy to guess. Use a few words that do not belong together."
    return None


def _bare(text: str) -> str:
    """Only the letters and digits, in one case: what two spellings of the same thing share."""
    return "".join(c for c in normal(text).casefold() if c.isalnum())


@cache
def common() -> frozenset[str]:
    """The passwords that everyone tries: zxcvbn's list, and our own of long ones, as _bare() has them."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # slow to import, and seldom needed

    ours = Path(__file__).with_name("common_passwords.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(map(_bare, [*FREQUENCY_LISTS["passwords"], *ours])) - {""}


def _mostly(password: str, own_words: Collection[str]) -> bool:
    """Whether little is left once the own words, whole and in parts, are taken out."""
    rest = _bare(password)
    parts = {_bare(part) for word in own_words for part in (word, *_parts(word))}
    found = False
    for part in sorted(parts, key=len, reverse=True):
        if len(part) >= SHORTEST_WORD and part in rest:
            rest, found = rest.replace(part, ""), True
    return found and sum(c.isalpha() for c in rest) < LEAST_BESIDE


def _parts(word: str) -> list[str]:
    return "".join(c if c.isalnum() else " " for c in word).split()


def _score(password: str, own_words: Collection[str]) -> int:
    """zxcvbn's score, 0 to 4, of the first SCORED characters: its time grows much faster than what it is given.

    By its parts: its own entry keeps the last caller's words where the next thread finds them, and stops at 72.
    """
    from zxcvbn.matching import RANKED_DICTIONARIES, build_ranked_dict, omnimatch
    from zxcvbn.scoring import most_guessable_match_sequence
    from zxcvbn.time_estimates import guesses_to_score

    own = {part.lower() for word in own_words for part in (word, *_parts(word))} - {""}
    lists = RANKED_DICTIONARIES | {"user_inputs": build_ranked_dict(sorted(own))}
    begins = password[:SCORED]
    matched = most_guessable_match_sequence(begins, omnimatch(begins, lists))
    score: int = guesses_to_score(matched["guesses"])
    return score
