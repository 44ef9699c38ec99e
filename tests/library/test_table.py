"""One table of all readings: length, grade, links, source, ratings, drawing. With `-s` it is printed; none is short."""

from collections import Counter

from portal.library import MATERIALS
from tests.library.reading_ease import WORD, grade, sentences
from tests.library.test_pemat import RATERS, SHEETS, rows

UNDERSTANDABLE = range(1, 20)  # of the items of PEMAT for printable materials; the rest are about acting
HEAD = ("reading", "words", "grade", "longest", "links", "source", "as rated", "noes", "mended", "drawing")


def shares(slug):
    """The share of yes among what was rated, of both scales and each sheet: "83/71 79/86"."""
    said = []
    for sheet in RATERS:
        mine = [row for row in rows(sheet) if row["reading"] == slug and row["answer"] != "NA"]
        scales = [[row for row in mine if (int(row["item"]) in UNDERSTANDABLE) is first] for first in (True, False)]
        said.append("/".join(f"{100 * sum(r['answer'] == '1' for r in scale) / len(scale):.0f}" for scale in scales))
    return " ".join(said)


def line(material):
    """The line of one reading."""
    texts = list(sentences(material))
    lengths = [len(WORD.findall(text)) for text in texts]
    noes = Counter(row["reading"] for row in rows(SHEETS / "mended.csv"))
    left = Counter(row["reading"] for row in rows(SHEETS / "mended.csv") if row["after"].startswith("left: "))
    links = len({*material.related, *material.exercises, material.try_exercise} - {""})
    slug = material.slug
    return {
        "reading": slug,
        "words": sum(lengths),
        "grade": round(grade(texts), 1),
        "longest": max(lengths),
        "links": links,
        "source": any(letter.isdigit() for letter in material.evidence) or len(material.evidence) > 60,
        "as rated": shares(slug),
        "noes": noes[slug],
        "mended": noes[slug] - left[slug],
        "drawing": material.drawing.name if material.drawing else "",
    }


def test_no_reading_is_short_of_anything():
    lines = [line(material) for material in MATERIALS.values()]
    print("\n" + " | ".join(HEAD))
    for one in lines:
        print(" | ".join(str(one[name]) for name in HEAD))
    short = [
        one["reading"]
        for one in lines
        if not (500 <= one["words"] <= 900 and one["grade"] <= 8 and one["longest"] <= 30)
        or not (one["links"] >= 2 and one["source"] and one["mended"] >= 1)
    ]
    assert len(lines) == 26
    assert short == []
