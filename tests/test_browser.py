"""The critic that looks at every HTML answer of the other tests, shown each fault that it is there to see."""

import pytest
from html5lib.html5parser import ParseError

from tests.browser import BUDGET
from tests.critic import faults_of
from tests.page import Page

GOOD = (
    "<!DOCTYPE html><html lang='en'><head><title>Week</title><script src='/static/htmx.js'></script></head><body>"
    "<header class='top'><a href='/'>Home</a><a href='#top'>Help now</a></header>"
    "<h1 id='top'>Week</h1><form method='post' action='/x'><input type='hidden' name='csrf_token' value='t'>"
    "<label for='n'>Note</label><input id='n' name='n'><label>Mood <input type='radio' name='m'></label>"
    "<textarea id='r' name='r' aria-label='Reply' dir='auto' data-most='9'></textarea>"
    "<button type='submit'>Save</button></form><a href='#top'>Up</a>"
    "<a href='/y' data-hx-get='/y' data-hx-target='#top' data-hx-swap='outerHTML'>Earlier</a></body></html>"
)


NAMES = {"Ada", "Moreno"}


def test_a_good_page_has_no_faults():
    assert faults_of(Page(GOOD), NAMES) == []


@pytest.mark.asvs("1.2.2", "3.6.1", "14.2.1")
@pytest.mark.parametrize(
    ("good", "bad", "fault"),
    [
        ("<h1 id='top'>Week</h1>", "<p id='top'>Week</p>", "0 <h1>"),
        ("<h1 id='top'>", "<h1>Once</h1><h1 id='top'>", "2 <h1>"),
        ("<h1 id='top'>", "<h2>First</h2><h1 id='top'>", "an <h2> stands before the <h1>"),
        ("<title>Week</title>", "<title></title>", "no title"),
        ("<title>Week</title>", "<title>Week of Ada</title>", "the title names Ada"),
        (">Help now<", ">Help<", "no way to help in the header of a signed-out page"),
        (" lang='en'", "", "<html> has no lang"),
        ("<label for='n'>Note</label>", "Note", "<input name=n> has no label"),
        ("<label for='n'>Note</label>", "<label for='n'></label>", "<input name=n> has no label"),
        ("<label>Mood <input", "<label><input", "<input name=m> has no label"),
        ("<input id='n' ", "<input id='n' maxlength='9' ", "<input name=n> cuts what is too long"),
        (" dir='auto'", "", "<textarea name=r> has one direction for everybody"),
        (">Up</a>", ">Up</a><p>Since <b>Today, 9:00</b></p>", "a capital inside a sentence: 'e Today, 9'"),
        (" data-most='9'", "", "<textarea name=r> does not say how much fits"),
        ("<input type='hidden' name='csrf_token' value='t'>", "", "the form to /x has 0 CSRF tokens"),
        ("method='post'", "method='get'", "the form to /x lets its CSRF token out into an address"),
        ("<button type='submit'>", "<button>", "the button 'Save' does not say its type"),
        (">Save</button>", "></button>", "a button without words"),
        (">Up</a>", "></a>", "a link without words"),
        ("<h1 id='top'>", "<h1 id='n'>", "id 'n' stands 2 times"),
        ("<label for='n'>", "<label for='m'>", "<label> points at #m, which is not there"),
        ("href='#top'", "href='#bottom'", "<a> points at #bottom, which is not there"),
        ("</form>", "</form><style>p {}</style>", "<style> inside the page"),
        ("</form>", "</form><script>go()</script>", "a script inside the page"),
        ("<h1 id='top'>", "<h1 id='top' style='color: red'>", "<h1 style=...>"),
        ("<h1 id='top'>", "<h1 id='top' onclick='go()'>", "<h1 onclick=...>"),
        ("href='#top'", "href='javascript:go()'", "<a href='javascript:go()'>"),
        ("</form>", "</form><img src='//other/x' alt=''>", "<img> loads //other/x from another host"),
        ("data-hx-get='/y'", "data-hx-get='/z'", "<a> asks htmx for {'get': '/z'}, but is get /y by itself"),
        ("data-hx-get='/y'", "data-hx-post='/y'", "<a> asks htmx for {'post': '/y'}, but is get /y by itself"),
        ("data-hx-target='#top' ", "", "<a data-hx-...> does not say its target and swap itself"),
        ("data-hx-get='/y'", "hx-get='/y'", "<a hx-get> should begin with data-"),
        ("data-hx-get", "data-hx-boost='true' data-hx-get", "<a data-hx-boost='true'> inherits, boosts or runs script"),
        ("<script src='/static/htmx.js'></script>", "", "data-hx-* on a page that does not load htmx"),
    ],
)  # fmt: skip
def test_each_fault_is_seen(good, bad, fault):
    assert fault in faults_of(Page(GOOD.replace(good, bad, 1)), NAMES)


@pytest.mark.parametrize("html", ["<p>a<div></p>", "<ul><p></ul></p>", "<!DOCTYPE html><p>a<table><p>b"])
def test_html_that_does_not_parse_is_refused(html):
    with pytest.raises(ParseError):
        faults_of(Page(html), NAMES)


def test_a_faulty_page_is_refused_as_often_as_it_comes():
    faulty = GOOD.replace("<title>Week</title>", "<title> </title>")
    assert faults_of(Page(faulty), NAMES) == faults_of(Page(faulty), NAMES) != []


def test_a_name_in_a_title_is_seen_in_a_page_that_was_looked_at_for_others():
    assert faults_of(Page(GOOD), {"Nobody"}) == []
    title = Page(GOOD).title.split()[0]
    assert faults_of(Page(GOOD), {title}) == [f"the title names {title}"]


@pytest.mark.asvs("15.2.2")
def test_more_queries_than_the_budget_are_refused(app, browser, monkeypatch):
    ada = browser("ada")
    ada.get("/today")
    monkeypatch.setitem(BUDGET, "participant", len(ada.selects) - 1)
    with pytest.raises(AssertionError, match="SELECTs, at most"):
        ada.get("/today")


def test_another_status_than_expected_is_refused(browser):
    with pytest.raises(AssertionError, match="404 NOT FOUND"):
        browser("ada").get("/no-such-page")
