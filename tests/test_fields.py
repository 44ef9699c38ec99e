"""Days as people write them."""

from datetime import date

import pytest

from portal import fields


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
