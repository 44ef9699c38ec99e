"""The rules of the house. Each is shown a planted violation first, so that a blind rule is noticed."""

import base64
import hashlib
from datetime import date

import pytest
from flask import Flask

from portal import access
from portal.exercises import EXERCISES
from portal.library import MATERIALS
from tests.house import markup, names, repository, sentences, source
from tests.house.source import ROOT

HTMX = "sha384-Qp9rdC8H7EqOoX+nR0P3RPG2Noji+qdwJlGpfzwQJsfOpp3sGwIdSP9xO3+UlEhn"


@pytest.fixture
def planted(tmp_path):
    """`planted("portal/today/views.py", text)` is a source tree that holds nothing else."""

    def plant(name: str, text: str):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return tmp_path

    return plant


def test_only_clock_reads_the_clock(planted):
    """Rule: `clock.now()` is the only call to the wall clock, and nobody copies it to a name of their own."""
    for line in (
        "datetime.now(UTC)",
        "datetime.datetime.utcnow()",
        "date.today()",
        "time.time()",
        "func.now()",
    ):
        assert source.reads_the_clock(planted("portal/today/__init__.py", f"x = {line}")), line
    assert source.reads_the_clock(planted("portal/today/__init__.py", "from portal.clock import now"))
    assert source.reads_the_clock(planted("portal/today/__init__.py", "from time import time"))
    assert not source.reads_the_clock(planted("portal/today/__init__.py", "x = clock.now()\ny = time.monotonic()"))
    assert source.reads_the_clock(ROOT) == []


@pytest.mark.parametrize(
    ("importer", "line"),
    [
        ("people", "from portal.checkins import log"),
        ("people", "from portal.door import sign_in"),
        ("flags", "import portal.schedule"),
        ("web", "from portal import program"),
        ("program", "from portal.people import Person"),
        ("people", "from . import models"),
    ],
)
def test_imports_against_the_stream_are_seen(planted, importer, line):
    """Rule: as below. Planted here, one for each way of importing."""
    assert source.imports_against_the_stream(planted(f"portal/{importer}/__init__.py", line))


def test_imports_run_one_way():
    """Rule: a package knows those of its own line of ARCHITECTURE.md's imports and of the lines above."""
    assert source.imports_against_the_stream(ROOT) == []


def test_the_map_shows_every_room(planted):
    """Rule: each package and module at portal's top has its line on ARCHITECTURE.md's map and stands in its imports."""
    assert source.rooms_off_the_map(planted("portal/attic/__init__.py", "")) == ["attic"]
    assert source.rooms_off_the_map(ROOT) == []


def test_no_file_is_long(planted):
    """Rule: a file has at most 350 lines; it is split by what it does long before."""
    assert source.long_files(planted("portal/people/__init__.py", "x = 1\n" * 351))
    assert not source.long_files(planted("portal/people/__init__.py", "x = 1\n" * 350))
    assert source.long_files(ROOT) == []


def test_nothing_runs_in_a_circle(planted):
    """Rule: no circle of packages and none of modules, imports inside functions and for type checking counted."""
    planted("portal/exercises/forms.py", "from portal.library import MATERIALS")
    planted("portal/exercises/words.py", "def words():\n    from portal.exercises.days import day")
    root = planted("portal/exercises/days.py", "from portal.exercises.words import words")
    assert source.circles(root) == ["exercises.days -> exercises.words -> exercises.days"]
    assert len(source.circles(planted("portal/library/models.py", "from portal.exercises import forms"))) == 2
    assert source.circles(ROOT) == []


def test_no_module_is_called_utils(planted):
    """Rule: no module or folder is called utils, helpers, common, services, base, manager or the like."""
    assert source.forbidden_names(planted("portal/people/utils.py", ""))
    assert source.forbidden_names(ROOT) == []


def test_every_module_says_what_it_is(planted):
    """Rule: every module begins with a line that completes "this file is ..."."""
    assert source.modules_without_a_line(planted("portal/people/views.py", "x = 1"))
    assert source.modules_without_a_line(ROOT) == []


def test_no_function_is_called_get_something(planted):
    """Rule: functions are named in the clinic's words; none is called get_something."""
    assert source.getters(planted("portal/people/__init__.py", "def get_all(): ..."))
    assert source.getters(ROOT) == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("portal/people/plans.py", ""),
        ("portal/people/__init__.py", "class Entry: ..."),
        ("portal/people/__init__.py", "class Entries: ..."),
        ("portal/people/__init__.py", "def change(): ..."),
        ("portal/people/__init__.py", "def of(): ..."),
    ],
)
def test_a_bare_word_is_seen(planted, path, text):
    """Rule: as below. Planted here, one for each kind of name."""
    assert names.bare_words(planted(path, text))


def test_no_name_is_a_word_that_could_mean_several_things(planted):
    """Rule: no module, class or public function is called by a word that ARCHITECTURE.md's glossary splits alone."""
    assert {"plan", "change", "day", "entry", "look", "told", "of"} <= names.never_bare()
    assert not names.bare_words(planted("portal/people/closed_days.py", "class ClosedDay: ...\n\n\ndef _day(): ..."))
    assert names.bare_words(ROOT) == []


def test_a_class_name_stands_for_one_thing(planted):
    """Rule: a class name stands in at most two modules."""
    for room in ("people", "flags", "library"):
        root = planted(f"portal/{room}/__init__.py", "class Letter: ...")
    assert names.crowded_class_names(root) == ["Letter: flags, library, people"]
    assert names.crowded_class_names(ROOT) == []


def test_docstrings_open_with_a_statement(planted):
    """Rule: the docstring of a module, class or function says what it is or does: no question word but "whether"."""
    asked = (
        'class Member:\n    """Who is on the care team."""\n\n    def name(self):\n        """What they are called."""'
    )
    assert len(names.questions_for_a_line(planted("portal/people/__init__.py", asked))) == 2
    stated = 'def may_see():\n    """Whether this therapist may see them."""\n\n\ndef whole():\n    """Wholly."""'
    assert not names.questions_for_a_line(planted("portal/people/__init__.py", stated))
    assert names.questions_for_a_line(planted("portal/people/__init__.py", '"""What people are."""'))
    assert names.questions_for_a_line(ROOT) == []


def test_values_are_filled_by_name(planted):
    """Rule: no value is made of a row in the order of its columns; `db.reader` reads each field from its own label."""
    assert names.filled_by_position(planted("portal/people/__init__.py", "members = [Member(*row) for row in rows]"))
    assert not names.filled_by_position(planted("portal/people/__init__.py", "names = list(*rows)"))
    assert names.filled_by_position(ROOT) == []


@pytest.mark.parametrize(
    "line",
    [
        "from sqlalchemy import select",
        "rows = db.session.execute(x)",
        "db.session.add(row)",
        "engine = db.engine",
        "x = select(Account)",
    ],
)
def test_a_query_in_a_view_is_seen(planted, line):
    """Rule: as below. Planted here, one for each way of asking."""
    assert source.views_that_query(planted("portal/people/views.py", line))


def test_views_hold_no_queries(planted):
    """Rule: a view builds no query and uses no session but to commit."""
    assert not source.views_that_query(planted("portal/people/views.py", "db.session.commit()"))
    assert source.views_that_query(ROOT) == []


@pytest.mark.asvs("2.3.3")
def test_only_views_and_commands_commit(planted):
    """Rule: domain verbs never commit, so that two of them can stand or fall together."""
    assert source.commits_below_the_views(planted("portal/people/__init__.py", "db.session.commit()"))
    assert source.commits_below_the_views(ROOT) == []


def test_views_are_short(planted):
    """Rule: a view is a sentence: at most 16 lines."""
    long_view = "@blueprint.get('/x')\ndef show():\n" + "    x = 1\n" * 17
    assert source.long_views(planted("portal/people/views.py", long_view))
    assert source.long_views(ROOT) == []


def test_no_function_is_a_tangle(planted):
    """Rule: the cognitive complexity of a function is at most 15."""
    pytest.importorskip("complexipy")
    nested = "\n".join(f"{'    ' * depth}if x:" for depth in range(1, 7))
    assert source.tangled_functions(planted("portal/people/__init__.py", f"def f(x):\n{nested}\n{'    ' * 7}return x"))
    assert source.tangled_functions(ROOT) == []


@pytest.mark.asvs("3.5.3")
def test_reading_writes_nothing_but_its_audit_row(planted):
    """Rule: a GET view changes nothing; it commits only together with `audit.record`."""
    view = "@blueprint.get('/x')\ndef show():\n    db.session.commit()\n"
    assert source.readers_that_write(planted("portal/people/views.py", view))
    assert source.readers_that_write(ROOT) == []


@pytest.mark.asvs("8.2.1", "16.5.3")
def test_every_view_has_an_audience(app):
    """Rule: a view that does not say who it is for stops the app from starting."""
    access.check_audiences(app)
    bare = Flask("bare", static_folder=None)
    bare.add_url_rule("/open", "somewhere.open", lambda: "")
    with pytest.raises(RuntimeError, match=r"somewhere\.open"):
        access.check_audiences(bare)


@pytest.mark.asvs("5.3.2")
def test_addresses_are_kebab_case(app):
    """Rule: addresses are in kebab-case; ids in them are opaque words, never numbers and never paths."""
    odd = Flask("odd", static_folder=None)
    odd.add_url_rule("/help_now/<int:number>", "odd", lambda: "")
    assert len(repository.bad_addresses(odd)) == 2
    assert repository.bad_addresses(app) == []


@pytest.mark.asvs("3.5.3", "4.1.4")
def test_writing_views_are_post_only(app):
    """Rule: a view reads (GET) or writes (POST), never both, and there is no other method."""
    odd = Flask("odd", static_folder=None)
    odd.add_url_rule("/both", "both", lambda: "", methods=["GET", "POST"])
    odd.add_url_rule("/gone", "gone", lambda: "", methods=["DELETE"])
    assert len(repository.mixed_methods(odd)) == 2
    assert repository.mixed_methods(app) == []


def test_every_page_extends_the_layout_and_no_partial_does(planted):
    """Rule: templates/<feature>/action.html extends layout.html and includes at most two partials; a partial
    (_noun.html) extends nothing.
    """
    assert markup.pages_outside_the_layout(planted("templates/today/index.html", "<h1>Today</h1>"))
    assert markup.pages_outside_the_layout(planted("templates/today/_hours.html", "{% extends 'layout.html' %}"))
    assert markup.pages_outside_the_layout(ROOT) == []


@pytest.mark.parametrize(
    "text",
    ["<p id='hours'>a</p><p>b</p>", "<p>a</p>", "words <p id='hours'>a</p>", "<p id='other'>a</p>", ""],
)
def test_a_partial_without_one_named_root_is_seen(planted, text):
    """Rule: as below. Planted here, one for each way of breaking it."""
    assert markup.partials_without_one_root(planted("templates/today/_hours.html", text))


def test_every_partial_has_one_root_with_its_noun_as_id(planted):
    """Rule: a partial has one root element, and its id is the partial's noun (with a key where it repeats)."""
    repeated = "{% if x %}<li id='hours-{{ key }}'>{{ words }}</li>{% endif %}"
    assert not markup.partials_without_one_root(planted("templates/today/_hours.html", repeated))
    assert markup.partials_without_one_root(ROOT) == []


@pytest.mark.parametrize(
    "text",
    [
        "<button data-hx-post='/a' data-hx-target='#x' data-hx-swap='outerHTML'>",
        "<a href='/a' data-hx-get='/b' data-hx-target='#x' data-hx-swap='outerHTML'>",
        "<a href='/a' data-hx-post='/a' data-hx-target='#x' data-hx-swap='outerHTML'>",
        "<form action='/a' data-hx-post='/a' data-hx-target='#x' data-hx-swap='outerHTML'>",
        "<form method='post' action='/a' data-hx-delete='/a' data-hx-target='#x' data-hx-swap='outerHTML'>",
        "<a href='/a' data-hx-get='/a' data-hx-target='#x'>",
        "<a href='/a' data-hx-get='/a' data-hx-target:inherited='#x' data-hx-swap='none'>",
        "<a href='/a' hx-get='/a'>",
        "<body data-hx-boost='true'>",
    ],
)
def test_an_enhancement_that_does_not_work_by_itself_is_seen(planted, text):
    """Rule: as below. Planted here, one for each way of breaking it."""
    assert markup.enhanced_only(planted("templates/today/index.html", text))


def test_every_enhancement_is_a_working_link_or_form(planted):
    """Rule: `data-hx-get` stands on an <a href> or a <form>, `data-hx-post` on a <form method="post">, with
    the same address, and with target and swap on the element itself; no boost, no inheritance.
    """
    good = "<a href='{{ url() }}' data-hx-get='{{ url() }}' data-hx-target='#x' data-hx-swap='outerHTML'>"
    assert not markup.enhanced_only(planted("templates/today/index.html", good))
    assert markup.enhanced_only(ROOT) == []


def test_enhanced_pages_load_htmx(planted):
    """Rule: a page with `data-hx-*`, its own or a partial's, loads htmx."""
    assert markup.enhanced_without_htmx(planted("templates/today/index.html", "<a data-hx-get='/'>"))
    assert markup.enhanced_without_htmx(ROOT) == []


def test_every_reading_and_exercise_is_whole_and_its_links_lead_somewhere(app):
    """Rule: every material and exercise loads; what it relates to exists; every link in it is an address of the
    portal, a phone number or another site's.
    """
    assert len(MATERIALS) >= 10
    assert {"notice-and-weigh", "six-steps", "the-wave", "slow-breath", "safety-plan"} <= set(EXERCISES)
    html = {f"materials/{slug}": "".join(part.html for part in m.parts) for slug, m in MATERIALS.items()}
    html |= {f"definitions/{slug}": exercise.html for slug, exercise in EXERCISES.items()}
    assert repository.dead_links(
        app, {"planted": '<a href="/library/no-such-text">x</a>'}, set(MATERIALS) | set(EXERCISES)
    )
    assert repository.dead_links(app, html, set(MATERIALS) | set(EXERCISES)) == []
    related = {name for m in MATERIALS.values() for name in m.related} | {
        name for exercise in EXERCISES.values() for name in exercise.related
    }
    assert related <= set(MATERIALS)
    assert {m.try_exercise for m in MATERIALS.values() if m.try_exercise} <= set(EXERCISES)


def test_no_reading_is_past_its_review_date():
    """Rule: the day by which a material wants another look has not passed, by the real calendar."""
    assert [slug for slug, material in MATERIALS.items() if material.review_by < date.today()] == []


@pytest.mark.asvs("3.6.1")
def test_htmx_is_the_one_that_was_read():
    """Rule: the vendored htmx is version 4.0.1, byte for byte."""
    digest = hashlib.sha384((ROOT / "static" / "htmx-4.0.1.min.js").read_bytes()).digest()
    assert "sha384-" + base64.b64encode(digest).decode() == HTMX


@pytest.mark.parametrize(
    "text",
    [
        "<p style='color: red'>",
        "<a href='#' onclick='go()'>",
        "<style>p {}</style>",
        "<script>go()</script>",
        "<a href='javascript:go()'>",
    ],
)
def test_inline_style_and_script_are_seen(planted, text):
    """Rule: as below. Planted here, one for each way of breaking it."""
    assert markup.inline(planted("templates/today/index.html", text))


@pytest.mark.asvs("1.2.3")
def test_no_style_or_script_is_inline():
    """Rule: templates hold no style attribute or element, no script without a file, no on*, no javascript:."""
    assert markup.inline(ROOT) == []


@pytest.mark.asvs("1.1.2", "1.2.1", "1.3.5", "1.3.7", "3.2.2")
def test_nothing_typed_by_a_person_reaches_a_page_as_html(planted):
    """Rule: `|safe` stands only on shipped content that content.html has rendered; no Markup(), no templates
    from strings.
    """
    assert markup.unescaped(planted("templates/today/index.html", "{{ note | safe }}"))
    assert markup.unescaped(planted("portal/today/views.py", "x = Markup(note)"))
    assert markup.unescaped(ROOT) == []


@pytest.mark.asvs("6.2.6")
def test_every_password_field_hides_what_is_typed(planted):
    """Rule: a field for a password is of the type that shows dots, and lets a password manager fill it in."""
    assert markup.open_passwords(planted("templates/people/x.html", '<input type="text" name="password">'))
    assert markup.open_passwords(ROOT) == []


def test_no_path_of_a_machine_is_in_the_repository(planted):
    """Rule: no shipped file names a place on somebody's machine."""
    assert repository.machine_paths(planted("portal/cli.py", f"# see {'/'.join(['', 'root', 'notes'])}"))
    assert repository.machine_paths(ROOT) == []


def test_the_locks_name_no_host(planted):
    """Rule: requirements are locked by hash, and the locks hold no address of a registry."""
    assert repository.locks_with_addresses(planted("requirements.lock", "--index-url https://example.org/simple"))
    assert repository.locks_with_addresses(ROOT) == []


def test_today_knows_no_tables(planted):
    """Rule: what Today shows of a feature comes from the feature's own on_today.py, so that no table is named twice."""
    for line in ("from portal.flags.models import Flag", "from portal.flags import models", "x = Flag.__table__"):
        assert source.tables_on_today(planted("portal/today/__init__.py", line)), line
    assert source.tables_on_today(ROOT) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("templates/today/show.html", "<p>The link is on its way by mail.</p>"),
        ("templates/today/show.html", '<p>{{ "Let it go" if x else "Take it" }}</p>'),
        ("templates/today/show.html", '<table aria-label="Your questions"></table>'),
        ("portal/today/phrases.py", 'WAS = "A part of this form was mended."'),
        ("portal/today/phrases.py", 'HELLO = f"Hello,\\n\\nyou can {does} here"'),
        ("portal/library/materials/waves.md", "You practised it."),
        ("templates/today/show.html", "<p>Nobody else treats somebody of yours.</p>"),
        ("templates/today/show.html", "<p>Open it together: it stands under Help now.</p>"),
        ("portal/cli.py", 'click.echo("The demo clinic is made anew.")'),
        ("portal/exercises/definitions/six-steps.md", "Write down with whom."),
        ("README.md", "The mail waits."),
        ("static/app.js", 'say("Nothing is kept here any more.");'),
    ],
)
def test_a_word_that_is_never_said_is_seen(planted, name, text):
    """Rule: as below. Planted here, one for each place where sentences stand."""
    assert sentences.never_said(planted(name, text)), text


def test_sentences_are_in_words_that_people_say(planted):
    """Rule: plain American English that a person would say aloud, wherever people read: pages, letters, readings."""
    fine = '"""The mail that waits."""\nSAID = "Set up a mail server. Your email is ready. Hinting, too."'
    assert not sentences.never_said(planted("portal/today/phrases.py", fine))
    assert sentences.never_said(ROOT) == []
