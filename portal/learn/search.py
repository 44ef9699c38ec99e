"""Search over all that can be read and practiced: by the words people type, spelled as people spell them.

One index, made once in each worker from the files. Nothing that is typed is kept.
"""

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from portal.content import TOPICS
from portal.exercises import EXERCISES
from portal.library import MATERIALS

LONGEST = 100  # characters of a search that are looked at
MOST = 10  # results on the page
WORDS = Path(__file__).parent / "words.yaml"
TITLE, SYNOPSIS, HEADING, BODY = 9.0, 4.0, 3.0, 1.0  # the worth of a word by where it stands
MEANT, GUESSED, BEGUN = 0.8, 0.5, 0.4  # the worth of a word of the same meaning, one spelled alike, and a longer one
SHORTEST_GUESS, SHORTEST_BEGIN = 4, 3  # letters
NEAR = 0.15  # of the best: what says less of the search is not shown
FULL = 3.0  # times at which a word of the text counts half of what it can


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing that can be found: its address, its title, and what is said of it."""

    address: str
    slug: str
    title: str
    synopsis: str
    icon: str
    minutes: int
    is_exercise: bool


@dataclass(frozen=True, slots=True)
class Found:
    """The pieces that a search found, the best first; with `help_first` it was about hurting oneself."""

    pieces: tuple[Piece, ...]
    help_first: bool


NOTHING = Found((), False)


def plain(text: str) -> list[str]:
    """The words of a text, without case, accents and apostrophes: "Can’t" is "cant"."""
    bare = unicodedata.normalize("NFKD", text.casefold()).replace("'", "").replace("’", "")
    return re.findall(r"[a-z0-9]+", "".join(letter for letter in bare if not unicodedata.combining(letter)))


def stem(word: str) -> str:
    """A word without the endings that English gives it: "cravings" and "craved" are "crav"."""
    for ending in ("ings", "ing", "ies", "ied", "edly", "ed", "es", "ers", "er", "ly", "s", "e", "y"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            kept = word[: -len(ending)]
            return kept[:-1] if len(kept) > 3 and kept[-1] == kept[-2] and kept[-1] not in "ls" else kept
    return word


def _shorter(word: str) -> Iterator[str]:
    """The word itself, and without each one of its letters: two words that share one are spelled alike."""
    yield word
    for place in range(len(word)):
        yield word[:place] + word[place + 1 :]


def _alike(words: Iterable[str]) -> dict[str, set[str]]:
    """The words by each spelling that they share with what is spelled alike."""
    found: dict[str, set[str]] = defaultdict(set)
    for word in words:
        for short in _shorter(word):
            found[short].add(word)
    return found


def _spelled_like(word: str, alike: Mapping[str, set[str]]) -> set[str]:
    return set().union(*(alike.get(short, ()) for short in _shorter(word)))


class Index:
    """The words of all pieces, and how much each says of which."""

    def __init__(self, pieces: Iterable[tuple[Piece, Iterable[tuple[float, str]]]]) -> None:
        self.pieces: list[Piece] = []
        self.worth: dict[str, dict[int, float]] = defaultdict(dict)
        for number, (piece, texts) in enumerate(pieces):
            self.pieces.append(piece)
            for worth, text in texts:
                for word, times in Counter(map(stem, plain(text))).items():
                    gained = worth * times / (times + FULL) if worth == BODY else worth
                    self.worth[word][number] = max(self.worth[word].get(number, 0.0), gained)
        self.alike = _alike(word for word in self.worth if len(word) >= SHORTEST_GUESS - 1)

    def rarity(self, word: str) -> float:
        """The worth of a word by how few of the pieces have it."""
        return math.log(1 + len(self.pieces) / len(self.worth[word]))

    def best(self, asked: str) -> list[Piece]:
        """The pieces for what was typed, the best first."""
        said, meanings = plain(asked), known_words()
        words = [word for word in said if word not in meanings.empty] or said
        scores: Counter[int] = Counter()
        matched: Counter[int] = Counter()
        for word in words:
            gained = self._scores(word, meanings.of(word), is_last=word == said[-1])
            scores.update(gained)
            matched.update(gained.keys())
        for phrase, meant in meanings.phrases.items():
            if f" {phrase} " in f" {' '.join(said)} ":
                for one in meant:
                    scores.update(self._scores(one, (), is_last=False))
        total = {number: score * matched[number] for number, score in scores.items()}
        enough = NEAR * max(total.values(), default=0)
        order = sorted(total, key=lambda number: (-total[number], self.pieces[number].title))
        return [self.pieces[number] for number in order if total[number] >= enough]

    def _scores(self, word: str, meant: Iterable[str], *, is_last: bool) -> dict[int, float]:
        """The worth of one word for each piece: of itself and of what it means, or else of words spelled alike."""
        scores: dict[int, float] = defaultdict(float)
        ways = [(stem(word), 1.0), *((stem(other), MEANT) for other in meant)]
        ways = [(one, worth) for one, worth in ways if one in self.worth]
        if not any(max(self.worth[one].values()) > BODY for one, _ in ways):  # in passing at most
            ways += self._guesses(word, is_last=is_last)
        for one, worth in ways:
            for number, gained in self.worth[one].items():
                scores[number] = max(scores[number], gained * worth * self.rarity(one))
        return scores

    def _guesses(self, word: str, *, is_last: bool) -> list[tuple[str, float]]:
        found: set[str] = set()
        if len(word) >= SHORTEST_GUESS:
            known = known_words()
            found = _spelled_like(word, self.alike) | _spelled_like(stem(word), self.alike)
            found |= {stem(meant) for one in _spelled_like(word, known.alike) for meant in known.of(one)}
        if not found and is_last and len(word) >= SHORTEST_BEGIN:
            return [(longer, BEGUN) for longer in self.worth if longer.startswith(word)]
        return [(one, GUESSED) for one in found if one in self.worth]


@dataclass(frozen=True, slots=True)
class KnownWords:
    """Words as people type them: `empty` ones say nothing, `phrases` mean these words, and so do single words."""

    empty: frozenset[str]
    phrases: dict[str, list[str]]
    meanings: dict[str, list[str]]
    danger: tuple[str, ...]
    alike: dict[str, set[str]]

    def of(self, word: str) -> list[str]:
        """The words that this one means, too."""
        return self.meanings.get(word, [])


@cache
def known_words() -> KnownWords:
    """The words of words.yaml."""
    held = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    meanings = {" ".join(plain(str(said))): plain(meant) for said, meant in held["means"].items()}
    single = {said: meant for said, meant in meanings.items() if " " not in said}
    return KnownWords(
        empty=frozenset(plain(held["empty"])),
        phrases={said: meant for said, meant in meanings.items() if " " in said},
        meanings=single,
        alike=_alike(said for said in single if len(said) >= SHORTEST_GUESS),
        danger=tuple(" ".join(plain(said)) for said in held["danger"]),
    )


@cache
def index() -> Index:
    """The index of this worker."""
    return Index([*_readings(), *_exercises()])


def _readings() -> Iterator[tuple[Piece, list[tuple[float, str]]]]:
    for one in MATERIALS.values():
        piece = Piece(f"/library/{one.slug}", one.slug, one.title, one.synopsis, "learn", one.minutes, False)
        headings = " ".join([TOPICS[one.topic], *(part.title for part in one.parts), *one.key_points])
        body = re.sub(r"<[^>]+>", " ", " ".join(part.html for part in one.parts))
        yield piece, [(TITLE, one.title), (SYNOPSIS, one.synopsis), (HEADING, headings), (BODY, body)]


def _exercises() -> Iterator[tuple[Piece, list[tuple[float, str]]]]:
    for one in EXERCISES.values():
        piece = Piece(one.address, one.slug, one.title, one.synopsis, one.icon, one.minutes, True)
        body = " ".join([re.sub(r"<[^>]+>", " ", one.html), *(field.label or "" for field in one.fields)])
        yield piece, [(TITLE, one.title), (SYNOPSIS, one.synopsis), (HEADING, TOPICS[one.topic]), (BODY, body)]


def find(asked: str) -> Found:
    """The pieces for what somebody typed. Words about hurting oneself put help first, whatever else is found."""
    said = plain(asked[:LONGEST])
    if not said:
        return NOTHING
    sentence = f" {' '.join(said)} "
    danger = any(f" {words} " in sentence for words in known_words().danger)
    return Found(tuple(index().best(asked[:LONGEST])[:MOST]), danger)
