"""Content as files: a good file becomes a frozen record, a bad one stops the start and is named."""

from dataclasses import FrozenInstanceError, dataclass
from datetime import date

import pytest

from portal import content


@dataclass(frozen=True)
class Leaflet:
    slug: str
    title: str
    reviewed: date
    body: str
    minutes: int = 3
    tags: tuple[str, ...] = ()


def build(slug, values, body):
    return content.record(Leaflet, {"slug": slug, "body": body, **values})


@pytest.fixture
def folder(tmp_path):
    def write(**files):
        for name, text in files.items():
            (tmp_path / f"{name.replace('_', '-')}.md").write_text(text, encoding="utf-8")
        return tmp_path

    return write


def test_the_file_name_is_the_address(folder):
    leaflets = content.load(
        folder(the_wave="---\ntitle: The wave\nreviewed: 2026-01-05\ntags: [a, b]\n---\nIt passes.\n"), build
    )
    assert leaflets == {"the-wave": Leaflet("the-wave", "The wave", date(2026, 1, 5), "It passes.", 3, ("a", "b"))}


def test_a_loaded_record_cannot_change(folder):
    leaflets = content.load(folder(one="---\ntitle: One\nreviewed: 2026-01-05\n---\nText\n"), build)
    with pytest.raises(FrozenInstanceError):
        leaflets["one"].title = "Two"


@pytest.mark.parametrize(
    ("front_matter", "why"),
    [
        ("title: One\nreviewed: 2026-01-05\ncolor: blue", "unknown field color"),
        ("reviewed: 2026-01-05", "missing field title"),
        ("title: One\nreviewed: soon", "reviewed should be date"),
        ("title: One\nreviewed: 2026-02-30", "day is out of range|must be in range|reviewed should be date"),
        ("title: One\nreviewed: 2026-01-05\nminutes: true", "minutes should be int"),
        ("title: [One\nreviewed: 2026-01-05", "expected"),
    ],
)
def test_a_bad_file_is_named_with_the_reason(folder, front_matter, why):
    place = folder(a_page=f"---\n{front_matter}\n---\nText\n")
    with pytest.raises(content.ContentError, match=rf"{place.name}/a-page\.md: (?s:.*)({why})"):
        content.load(place, build)


@pytest.mark.asvs("1.2.1", "1.3.5")
def test_raw_html_in_a_text_is_shown_and_never_run():
    html = content.html("Hello <script>alert(1)</script> <b onclick='x'>there</b>")
    assert "<script" not in html
    assert "<b" not in html
    assert "&lt;script&gt;" in html


@pytest.mark.asvs("1.2.2")
@pytest.mark.parametrize("address", ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x"])
def test_a_link_that_would_run_something_stays_text(address):
    assert "<a" not in content.html(f"[read]({address})")
