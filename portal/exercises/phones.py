"""Phone numbers in what someone wrote, so that one tap calls them."""

import re
from collections.abc import Iterator

_NUMBER = re.compile(
    r"""(?<![\w+-])(?:
        988|911
        |\+[2-9]\d{0,2}(?:[ .-]?\d){6,12}                        # abroad
        |(?:\+?1[ .-]?)?(?:\(\d{3}\)[ ]?|\d{3}[ .-]?)\d{3}[ .-]?\d{4}  # with an area code
        |\d{3}[.-]\d{4}                                          # next door
    )(?![\w-])""",
    re.VERBOSE | re.ASCII,
)


def split(text: str) -> Iterator[tuple[str, str]]:
    """`text` in pieces, in order, each with the number to dial: "" for a piece that is only words."""
    end = 0
    for found in _NUMBER.finditer(text):
        if found.start() > end:
            yield text[end : found.start()], ""
        yield found[0], re.sub(r"[^\d+]", "", found[0])
        end = found.end()
    if end < len(text):
        yield text[end:], ""
