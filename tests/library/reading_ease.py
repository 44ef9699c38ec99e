"""How hard a text is to read: its sentences, the syllables of its words, and its Flesch-Kincaid grade.

Kincaid and others 1975: 0.39 words a sentence + 11.8 syllables a word - 15.59. Headings are not counted; a list item or
a quotation ends its sentence. Syllables are counted by rule, which `test_reading_ease` holds against another program's.
"""

import re
from collections.abc import Iterator
from functools import cache

from portal.library import Material
from tests.page import Page, words

WORD = re.compile(r"[A-Za-z]+(?:[’'][A-Za-z]+)*")
END = re.compile(r"(?<=[.!?])[”\"’)]*\s+(?=[“\"‘(]*[A-Z0-9])")
BLOCKS = ("p", "li")
NOT_AN_END = re.compile(r"\b(Dr|Mr|Ms|Mrs|St|vs|e\.g|i\.e)\.")
SILENT = re.compile(r"(?:[^laeiouy]es|[aeiou]les|[^aeioutd]ed|[^laeiou]e|[aeiour]le|[^aeiou]ue|[gq]ue)$")
KEPT = re.compile(r"(?:[cgsxz]|[cs]h)es$|led$")
WITHIN = re.compile(  # where a silent e stands inside a word
    r"(?<=some)(?=[a-z]{2})|(?<=one)(?=self)|(?<=[a-z][^aeiou]e)(?=(?:ly|ful|ment|less|thing|where|times?)$)"
)
APART = re.compile(  # neighbors that are spoken apart
    r"(?<![tscgl])i[ao](?!u)|iu|(?<![gqb])u[ao]|(?<=[drvn])ue(?=[lnt])|uin|[aeiouy]ing|eas?$|quie|eum|ae|iest$"
)


@cache
def syllables(word: str) -> int:
    """How many syllables `word` has; at least one."""
    plain = re.sub(r"[’'](?:s|d|ll|m|re|ve)$", "", word.lower()).replace("’", "").replace("'", "")
    parts = WITHIN.sub(" ", plain).split()
    return sum(_syllables(part) for part in parts)


def _syllables(plain: str) -> int:
    groups = len(re.findall(r"[aeiouy]+", plain))
    silent = bool(SILENT.search(plain)) and not KEPT.search(plain)
    return max(1, groups - silent + len(APART.findall(plain)))


def sentences(material: Material) -> Iterator[str]:
    """The sentences of a reading, in order."""
    for part in material.parts:
        tree = Page(part.html).tree
        for block in tree.iter():
            if block.tag in BLOCKS and not any(child.tag in BLOCKS for child in block):
                text = NOT_AN_END.sub(lambda found: found[1], words(block))
                yield from (one for one in END.split(text) if WORD.search(one))


def grade(texts: list[str]) -> float:
    """The Flesch-Kincaid grade of a list of sentences."""
    found = [word for text in texts for word in WORD.findall(text)]
    return 0.39 * len(found) / len(texts) + 11.8 * sum(map(syllables, found)) / len(found) - 15.59
