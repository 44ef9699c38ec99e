"""Settings: defaults, then PORTAL_* from the environment, then overrides; a bad one is refused in one sentence."""

import ipaddress
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, request
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from werkzeug.middleware.proxy_fix import ProxyFix

from portal.db import db
from portal.program.models import Program

DEFAULTS: dict[str, Any] = {
    "URL": None,
    "SECRET_KEY": None,
    "DATABASE_URL": None,
    "TRUSTED_PROXIES": 0,
    "DEMO": False,
    "MAX_CONTENT_LENGTH": 256 * 1024,
    "MAX_FORM_MEMORY_SIZE": 256 * 1024,
    "SESSION_COOKIE_HTTPONLY": True,
    "SESSION_COOKIE_SAMESITE": "Lax",
    "WTF_CSRF_TIME_LIMIT": None,
    "WTF_CSRF_SSL_STRICT": False,
    "COMPRESS_ALGORITHM": ["br", "gzip"],
    "COMPRESS_BR_LEVEL": 5,
    "COMPRESS_MIN_SIZE": 500,
    "TEMPLATES_AUTO_RELOAD": False,
}


class ConfigError(RuntimeError):
    """A setting that is missing or wrong; the message is one sentence that says what to do."""


def load(app: Flask, overrides: dict[str, Any]) -> None:
    """Fill `app.config`; raises ConfigError."""
    app.config.from_mapping(DEFAULTS)
    app.config.from_prefixed_env("PORTAL")
    app.config.from_mapping(overrides)
    Path(app.instance_path).mkdir(exist_ok=True)
    _check_kinds(app)
    if app.config["DEMO"]:
        _prepare_demo(app)
    _check_secret(app)
    _check_url(app)
    app.config["SQLALCHEMY_DATABASE_URI"] = _database(app)
    remote = not app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite")
    # What people write stands in the parameters of statements: it must not reach a log.
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"hide_parameters": True, "pool_pre_ping": remote}
    if app.config["TRUSTED_PROXIES"]:
        hops = app.config["TRUSTED_PROXIES"]
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]


def _check_kinds(app: Flask) -> None:
    if type(app.config["DEMO"]) is not bool:
        raise ConfigError("PORTAL_DEMO must be true or false.")
    if type(app.config["TRUSTED_PROXIES"]) is not int or not 0 <= app.config["TRUSTED_PROXIES"] <= 9:
        raise ConfigError("PORTAL_TRUSTED_PROXIES must be a number from 0 to 9: how many proxies stand in front.")


def _prepare_demo(app: Flask) -> None:
    if app.config["TRUSTED_PROXIES"]:
        raise ConfigError("PORTAL_DEMO works without PORTAL_TRUSTED_PROXIES only: the demo is for this machine alone.")
    kept = Path(app.instance_path) / "demo-secret"
    if not app.config["SECRET_KEY"]:
        if not kept.exists():
            kept.write_text(secrets.token_urlsafe(32))
            kept.chmod(0o600)
        app.config["SECRET_KEY"] = kept.read_text()
    app.config["URL"] = app.config["URL"] or "http://localhost:8000"


def _check_secret(app: Flask) -> None:
    secret = app.config["SECRET_KEY"]
    if not secret or len(str(secret)) < 32:
        raise ConfigError(
            "Set PORTAL_SECRET_KEY to at least 32 random characters; make them with:"
            ' python3 -c "import secrets; print(secrets.token_urlsafe(32))"'
        )
    app.config["SECRET_KEY"] = str(secret)


def is_loopback(host: str | None) -> bool:
    """Whether `host` (a name or an address) is this machine itself."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address((host or "").strip("[]")).is_loopback
    except ValueError:
        return False


def _check_url(app: Flask) -> None:
    try:
        url = urlsplit(str(app.config["URL"] or ""))
    except ValueError:
        url = urlsplit("")
    if url.scheme not in ("http", "https") or not url.hostname:
        raise ConfigError("Set PORTAL_URL to the address people will open, such as https://portal.example.org")
    local = is_loopback(url.hostname)
    if url.scheme == "http" and not local:
        raise ConfigError("PORTAL_URL must begin with https:// anywhere but on this machine itself.")
    if app.config["DEMO"] and not local:
        raise ConfigError("PORTAL_DEMO needs a PORTAL_URL on this machine, such as http://localhost:8000")
    secure = url.scheme == "https"
    app.config["SESSION_COOKIE_SECURE"] = secure
    app.config["SESSION_COOKIE_NAME"] = "__Host-session" if secure else "session"
    app.config["TRUSTED_HOSTS"] = ["127.0.0.1", "localhost", "[::1]"] if local else [url.hostname]

    @app.before_request
    def refuse_strangers() -> tuple[str, int, dict[str, str]] | None:
        plain = {"Content-Type": "text/plain; charset=utf-8"}
        if secure and not request.is_secure and request.endpoint not in ("program.alive", "program.ready"):
            return "This site answers over https only.\n", 400, plain
        if app.config["DEMO"] and not is_loopback(request.remote_addr):
            return "The demo answers to its own machine only.\n", 400, plain
        return None


def _database(app: Flask) -> str:
    url = app.config["DATABASE_URL"] or f"sqlite:///{Path(app.instance_path) / 'portal.sqlite'}"
    if url.startswith(("postgres://", "postgresql://")):
        url = "postgresql+psycopg://" + url.split("://", 1)[1]
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise ConfigError("PORTAL_DATABASE_URL must begin with sqlite:/// or postgresql://")
    return url


def check_demo(app: Flask) -> None:
    """Raise ConfigError when the database and the demo flag do not belong together."""
    try:
        is_demo = db.session.execute(select(Program.is_demo)).scalar()
    except DBAPIError:
        return
    finally:
        db.session.remove()
        db.engine.dispose()  # workers are forked from here, and none may share a connection
    if is_demo and not app.config["DEMO"]:
        raise ConfigError(
            "This database holds the demo clinic: start it with make run, or point PORTAL_DATABASE_URL elsewhere."
        )
    if is_demo is False and app.config["DEMO"]:
        raise ConfigError("This database holds a real program: the demo does not start on it. Unset PORTAL_DEMO.")
