"""Lists of days as people write them."""

from datetime import date

import pytest

from portal.schedule.groups import fields


def test_a_list_is_in_order_and_names_each_day_once():
    assert fields.read_days("12/25/2026\n\n2026-12-24\r\n12/25/2026\n") == (date(2026, 12, 24), date(2026, 12, 25))


def test_a_line_that_names_no_day_is_named():
    with pytest.raises(ValueError, match="Line 3, “Christmas”"):
        fields.read_days("12/24/2026\n\nChristmas")


def test_a_list_reads_what_it_wrote():
    held = (date(2026, 7, 3), date(2026, 12, 24))
    assert fields.read_days(fields.days_as_text(held)) == held


def test_every_line_that_is_no_day_is_named():
    with pytest.raises(ValueError, match=r"Line 1, “soon”: .* Line 3, “2/30/2026”: There is no such day."):
        fields.read_days("soon\n12/24/2026\n2/30/2026")


def test_of_many_bad_lines_the_first_ten_are_named():
    with pytest.raises(ValueError, match=r"Line 10, .* And 2 more\."):
        fields.read_days("\n".join(["soon"] * 12))
