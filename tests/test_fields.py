"""Days and texts as people write them."""

from datetime import date

import pytest
from werkzeug.datastructures import MultiDict
from wtforms import Form

from portal import fields

ADA = "Ada"
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"  # one picture, of five code points


class NoteForm(Form):
    note = fields.text("Note", 5, needed="Write a note.")


def note(text):
    """(what is kept, the first error or "") of a note."""
    form = NoteForm(MultiDict({"note": text}))
    form.validate()
    return form.note.data, form.note.errors[0] if form.note.errors else ""


@pytest.mark.parametrize(
    "unseen",
    ["", " \t\n", "\u00a0", "\u200b", "\u200e\u200f", "\u2066\u2069", "\u0301", "\ufeff", "\u3164", "\u2800", "\u00ad"],
)
def test_a_text_in_which_nothing_can_be_seen_is_empty(unseen):
    """Zero width, marks of direction, spaces that do not break, an accent on nothing: none of them is a note."""
    assert fields.is_blank(unseen)
    assert note(unseen) == ("", "Write a note.")
    assert fields.without_blanks(MultiDict({"day": unseen, "who": ADA})) == MultiDict({"day": "", "who": ADA})


@pytest.mark.parametrize("seen", ["a", ".", "0", "é", "e\u0301", "שלום", "\u200fשלום", FAMILY, "\u00a0x"])
def test_a_text_with_anything_in_it_is_kept_as_it_was_written(seen):
    assert not fields.is_blank(seen)
    assert note(seen) == (seen.strip(), "")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("12345", ""),
        ("123456", "This is 1 character too long. 5 fit."),
        ("1234567", "This is 2 characters too long. 5 fit."),
        ("\U0001f642" * 5, ""),
        ("\U0001f642" * 6, "This is 1 character too long. 5 fit."),
        (FAMILY, ""),
        ("12\r\n45", ""),
        ("1\n\n45", ""),
        ("  12345\r\n", ""),
        ("123\r\n\r\n67", "This is 2 characters too long. 5 fit."),
    ],
)
def test_lengths_are_code_points_and_a_line_break_counts_once(text, said):
    """Rule: what is too long is refused in words, with how many characters are too many, and is kept whole."""
    kept, error = note(text)
    assert error == said
    assert kept == text.replace("\r\n", "\n").strip()


def test_a_character_that_no_database_can_hold_is_taken_out_and_said():
    assert note("a\x00b") == (
        "ab",
        "This had a character that cannot be saved. We took it out. Read it over and save again.",
    )


@pytest.mark.parametrize(
    "text",
    ["2026-12-24", "12/24/2026", " 12/24/2026 ", "Dec 24, 2026", "Thu, Dec 24, 2026", "december 24 2026"],
)
def test_a_day_is_read_as_people_write_it(text):
    assert fields.read_day(text) == date(2026, 12, 24)


@pytest.mark.parametrize(
    "text", ["", "soon", "24/12/2026", "2026-02-30", "1/1/0001", "1/1/9999", "12/24", "Foo 1, 2026"]
)
def test_what_names_no_day_is_refused(text):
    with pytest.raises(ValueError):
        fields.read_day(text)
