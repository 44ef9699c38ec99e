"""Phone numbers: what is typed becomes one form or is refused in words, and what is written can be tapped."""

import pytest

from portal import phones


@pytest.mark.parametrize(
    ("typed", "kept", "dialed"),
    [
        *((typed, "(212) 555-0142", "+12125550142") for typed in (
            "2125550142", "212 555 0142", "212-555-0142", "212.555.0142", "(212) 555-0142", "(212)5550142",
            "1 212 555 0142", "+1 212-555-0142", "+1 (212) 555-0142", " 212/555/0142 ", "212\u2011555\u20130142",
            "\u202a+1 (212)\u00a0555\u20110142\u202c", "٢١٢٥٥٥٠١٤٢",
        )),
        *((typed, "(212) 555-0142, extension 7", "+12125550142,7") for typed in (
            "212-555-0142 x7", "212-555-0142 ext. 7", "212 555 0142, extension 7", "2125550142#7",
        )),
        ("+44 20 7946 0018", "+44 20 7946 0018", "+442079460018"),
        ("+44 (0)20 7946-0018", "+44 20 7946 0018", "+442079460018"),
        ("011 44 20 7946 0018", "+44 20 7946 0018", "+442079460018"),
        ("+5215512345678", "+5215512345678", "+5215512345678"),
    ],
)  # fmt: skip
def test_one_number_has_one_form_however_it_is_typed(typed, kept, dialed):
    assert phones.tidy(typed) == kept
    assert phones.tidy(kept) == kept
    assert phones.dial(kept) == dialed


@pytest.mark.parametrize(
    "typed",
    ["555-0142", "12", "988", "911", "my sister's", "212-555-014", "212-555-01423", "112-555-0142", "212-155-0142",
     "+1 212 555 014", "+12", "+0044 20 7946 0018", "+44 20 7946 0018 0018 0018", "ada@example.org", "++1 2125550142",
     "212-555-0142 or 917-555-0100", "(212) 555-0142 x", "-", "2" * 400],
)  # fmt: skip
def test_what_is_no_number_is_refused_in_words(typed):
    with pytest.raises(ValueError, match="not a number we can call"):
        phones.tidy(typed)


@pytest.mark.parametrize(
    ("number", "dialed"), [("988", "988"), ("911", "911"), ("555-0188", "5550188"), ("1-917-555-0100", "+19175550100")]
)
def test_a_short_number_is_dialed_as_it_is_and_a_long_one_from_everywhere(number, dialed):
    assert phones.dial(number) == dialed


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Jo (212) 555-0188, or 1-917-555-0100", ["+12125550188", "+19175550100"]),
        ("+1 212 555 0188", ["+12125550188"]),
        ("2125550188 212.555.0188", ["+12125550188", "+12125550188"]),
        ("555-0188", ["5550188"]),
        ("+44 20 7946 0958", ["+442079460958"]),
        ("988, then 911", ["988", "911"]),
        ("By 2026-03-11, from 9 to 5, room 412, 40 mg, 1988 and 9110", []),
        ("case 212-555-01889", []),
    ],
)
def test_a_phone_number_can_be_tapped_and_nothing_else(text, numbers):
    parts = list(phones.split(text))
    assert [number for _, number in parts if number] == numbers
    assert "".join(words for words, _ in parts) == text
