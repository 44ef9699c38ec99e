"""Settings: a missing or wrong one stops the start with one sentence that says what to do."""

import os
import subprocess
import sys

import pytest

from portal import create_app
from portal.config import ConfigError, is_loopback
from portal.db import db
from portal.program.models import Program
from tests.conftest import SECRET_KEY


@pytest.mark.asvs("13.4.2", "12.2.1", "13.2.3")
@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        ({"SECRET_KEY": None}, "Set PORTAL_SECRET_KEY"),
        ({"SECRET_KEY": "short"}, "Set PORTAL_SECRET_KEY"),
        ({"URL": None}, "Set PORTAL_URL"),
        ({"URL": "portal.example.org"}, "Set PORTAL_URL"),
        ({"URL": "http://portal.example.org"}, "must begin with https://"),
        ({"URL": "http://[bad"}, "Set PORTAL_URL"),
        ({"TRUSTED_PROXIES": "abc"}, "PORTAL_TRUSTED_PROXIES must be a number"),
        ({"DEBUG": True}, "Unset PORTAL_DEBUG and FLASK_DEBUG"),
        ({"DEMO": "False"}, "PORTAL_DEMO must be true or false"),
        ({"DATABASE_URL": "mysql://localhost/x"}, "PORTAL_DATABASE_URL must begin with"),
        ({"DEMO": True, "TRUSTED_PROXIES": 1}, "without PORTAL_TRUSTED_PROXIES"),
        ({"DEMO": True, "URL": "https://portal.example.org"}, "PORTAL_DEMO needs a PORTAL_URL on this machine"),
    ],
)
def test_a_wrong_setting_stops_the_start_in_one_sentence(overrides, said):
    settings = {"URL": "http://localhost:8000", "SECRET_KEY": SECRET_KEY, "DATABASE_URL": "sqlite:///:memory:"}
    with pytest.raises(ConfigError) as refused:
        create_app(**settings | overrides)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.asvs("3.3.1", "3.3.2", "3.3.3", "3.3.4", "3.4.1", "12.2.1")
def test_https_makes_cookies_secure_and_refuses_plain_http(make_app):
    app = make_app(URL="https://portal.example.org")
    client = app.test_client()
    assert client.get("/sign-in", base_url="http://portal.example.org").status_code == 400
    answer = client.get("/sign-in", base_url="https://portal.example.org")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-session=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=63072000")


def test_a_host_that_is_not_ours_is_refused(make_app):
    assert make_app().test_client().get("/sign-in", base_url="http://elsewhere.example").status_code == 400


@pytest.mark.asvs("4.1.3", "15.3.4")
def test_forwarded_headers_count_only_from_a_trusted_proxy(make_app):
    forged = {"X-Forwarded-Proto": "https"}
    app = make_app(URL="https://portal.example.org")
    base = "http://portal.example.org"
    assert app.test_client().get("/sign-in", base_url=base, headers=forged).status_code == 400
    app = make_app(URL="https://portal.example.org", TRUSTED_PROXIES=1)
    assert app.test_client().get("/sign-in", base_url=base, headers=forged).status_code == 200


def test_the_health_check_needs_no_https(make_app):
    client = make_app(URL="https://portal.example.org").test_client()
    assert client.get("/healthz", base_url="http://portal.example.org").status_code == 200


@pytest.mark.asvs("15.2.3")
def test_the_demo_answers_to_this_machine_alone(make_app):
    client = make_app(DEMO=True).test_client()
    assert client.get("/help-now", environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code == 400
    assert client.get("/help-now", environ_base={"REMOTE_ADDR": "127.0.0.1"}).status_code == 200


@pytest.mark.asvs("6.3.2", "15.2.3")
@pytest.mark.parametrize("is_demo", [True, False])
def test_demo_and_real_databases_are_never_mixed_up(make_app, server, is_demo):
    url = server.fresh()
    app = make_app(DATABASE_URL=url)
    with app.app_context():
        db.session.add(Program(name="P", phone="1", zone="America/New_York", is_demo=is_demo))
        db.session.commit()
    with pytest.raises(ConfigError, match="demo clinic" if is_demo else "real program"):
        make_app(DATABASE_URL=url, DEMO=not is_demo)


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("::1", True),
        ("127.9.9.9", True),
        ("10.0.0.1", False),
        ("x.org", False),
        (None, False),
    ],
)
def test_what_this_machine_is_called(host, local):
    assert is_loopback(host) is local


def test_the_server_ends_with_one_sentence_when_a_setting_is_missing():
    """Rule: whoever starts it reads what to do, and no trace of the code."""
    command = [sys.executable, "-c", "import wsgi"]
    settings = {"PORTAL_URL": "https://portal.example.org", "PORTAL_SECRET_KEY": SECRET_KEY, "PATH": os.environ["PATH"]}
    ended = subprocess.run(command, env=settings, capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 1
    assert ended.stderr.startswith("Foothold does not start. Set PORTAL_SEAL_KEYS")
    assert ended.stderr.count("\n") == 1
