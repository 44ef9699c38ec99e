"""Phone numbers: read as people type them, kept in one form, and called with one tap."""

import re
import unicodedata
from collections.abc import Iterator

NOT_A_NUMBER = "This is not a number we can call. Write all 10 digits; for another country, begin with + and its code."
_TYPED = re.compile(r"(\+?)([\d ().,/-]+?)(?:[ ,]*(?:ext(?:ension)?|x|#)[. ]*(\d{1,6}))?")
_AMERICAN = re.compile(r"([2-9]\d\d)([2-9]\d\d)(\d{4})")
_ABROAD = re.compile(r"[2-9]\d{6,14}")
_NUMBER = re.compile(
    r"""(?<![\w+-])(?:
        988|911
        |\+[2-9]\d{0,2}(?:[ .-]?\d){6,12}                        # abroad
        |(?:\+?1[ .-]?)?(?:\(\d{3}\)[ ]?|\d{3}[ .-]?)\d{3}[ .-]?\d{4}  # with an area code
        |\d{3}[.-]\d{4}                                          # next door
    )(?![\w-])""",
    re.VERBOSE | re.ASCII,
)


def tidy(typed: str) -> str:
    """The number that somebody typed, in the one form in which it is kept and shown; raises ValueError, in words.

    "212.555.0142" becomes "(212) 555-0142", with "extension 7" after it where it has one; abroad it is
    "+44 20 7946 0018", with the spaces of whoever typed it.
    """
    found = _TYPED.fullmatch(_plain(typed))
    if found is None:
        raise ValueError(NOT_A_NUMBER)
    plus, written, extension = found.groups()
    groups = re.findall(r"\d+", written.replace("(0)", " "))
    digits = "".join(groups)
    if not plus and digits.startswith("011"):  # as one dials abroad from here
        plus, groups, digits = "+", re.findall(r"\d+", " ".join(groups)[3:]), digits[3:]
    if american := _AMERICAN.fullmatch(digits[1:] if digits.startswith("1") else "" if plus else digits):
        number = f"({american[1]}) {american[2]}-{american[3]}"
    elif plus and _ABROAD.fullmatch(digits):
        number = "+" + " ".join(groups)
    else:
        raise ValueError(NOT_A_NUMBER)
    return f"{number}, extension {extension}" if extension else number


def _plain(typed: str) -> str:
    """The same with plain digits, spaces and dashes, and without what nobody sees: it is often pasted along."""
    return "".join(_plain_character(c) for c in typed).strip().lower()


def _plain_character(c: str) -> str:
    if c.isdecimal():
        return str(unicodedata.decimal(c))
    if unicodedata.category(c) == "Pd":
        return "-"
    return " " if c.isspace() else c if c.isprintable() else ""


def dial(number: str) -> str:
    """A number as a tel: link takes it: "+12125550142"; one of few digits, such as 988, as it is."""
    number, _, extension = number.partition(", extension ")
    digits = "".join(c for c in number if c.isdecimal())
    if len(digits) == 10 and not number.startswith("+"):
        digits = f"1{digits}"
    return f"{'+' if len(digits) > 9 else ''}{digits}{f',{extension}' if extension else ''}"


def split(text: str) -> Iterator[tuple[str, str]]:
    """`text` in pieces, in order, each with the number to dial: "" for a piece that is only words."""
    end = 0
    for found in _NUMBER.finditer(text):
        if found.start() > end:
            yield text[end : found.start()], ""
        yield found[0], dial(found[0])
        end = found.end()
    if end < len(text):
        yield text[end:], ""
