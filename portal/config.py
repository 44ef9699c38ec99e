"""Settings: defaults, then PORTAL_* from the environment, then overrides; a bad one is refused in one sentence."""

import base64
import hashlib
import ipaddress
import re
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import Signer
from werkzeug.middleware.proxy_fix import ProxyFix

DEFAULTS: dict[str, Any] = {
    "URL": None,
    "SECRET_KEY": None,
    "DATABASE_URL": None,
    "MIGRATION_URL": None,
    "SEAL_KEYS": None,
    "AUDIT_ANCHORS": None,
    "MAIL_FROM": None,
    "SMTP_HOST": None,
    "SMTP_PORT": 587,
    "SMTP_USER": None,
    "SMTP_PASSWORD": None,
    "SMTP_TLS": "starttls",
    "SECURITY_CONTACT": None,
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
    "PROVIDE_AUTOMATIC_OPTIONS": False,
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
    # Cookies, form tokens and signed times are made with HMAC-SHA-256; the libraries' own default is SHA-1.
    Signer.default_digest_method = staticmethod(hashlib.sha256)
    SecureCookieSessionInterface.digest_method = staticmethod(hashlib.sha256)
    _check_url(app)
    url = database_url("PORTAL_DATABASE_URL", app.config["DATABASE_URL"])
    app.config["SQLALCHEMY_DATABASE_URI"] = url or f"sqlite:///{Path(app.instance_path) / 'portal.sqlite'}"
    remote = url is not None and not url.startswith("sqlite")
    # What people write stands in the parameters of statements: it must not reach a log.
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"hide_parameters": True, "pool_pre_ping": remote}
    if app.config["TRUSTED_PROXIES"]:
        hops = app.config["TRUSTED_PROXIES"]
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]


def _check_kinds(app: Flask) -> None:
    if type(app.config["DEMO"]) is not bool:
        raise ConfigError("PORTAL_DEMO must be true or false.")
    if app.config["DEBUG"] and not app.config["DEMO"]:
        raise ConfigError("Unset PORTAL_DEBUG and FLASK_DEBUG: a page of the debugger would show what people wrote.")
    if type(app.config["TRUSTED_PROXIES"]) is not int or not 0 <= app.config["TRUSTED_PROXIES"] <= 9:
        raise ConfigError("PORTAL_TRUSTED_PROXIES must be a number from 0 to 9: how many proxies stand in front.")
    contact = app.config["SECURITY_CONTACT"]
    if contact and not re.fullmatch(r"(mailto:[^\s@]+@[^\s@]+|https://\S+|tel:[+\d-]+)", str(contact)):
        raise ConfigError("PORTAL_SECURITY_CONTACT must begin with mailto:, https:// or tel:")


def _prepare_demo(app: Flask) -> None:
    if app.config["TRUSTED_PROXIES"]:
        raise ConfigError("PORTAL_DEMO works without PORTAL_TRUSTED_PROXIES only: the demo is for this machine alone.")
    if not app.config["SECRET_KEY"]:
        app.config["SECRET_KEY"] = _kept(app, "demo-secret", secrets.token_urlsafe(32))
    if not app.config["SEAL_KEYS"]:
        key = base64.b64encode(secrets.token_bytes(32)).decode()
        app.config["SEAL_KEYS"] = _kept(app, "demo-seal-keys", f"demo:{key}")
    app.config["URL"] = app.config["URL"] or "http://localhost:8000"


def _kept(app: Flask, name: str, fresh: str) -> str:
    """The secret that the demo keeps under `name` beside its database; `fresh` the first time."""
    path = Path(app.instance_path) / name
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(fresh)
    return path.read_text()


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


def database_url(setting: str, url: str | None) -> str | None:
    """The address of a database as SQLAlchemy takes it; raises ConfigError, naming the `setting`."""
    if not url:
        return None
    if url.startswith(("postgres://", "postgresql://")):
        url = "postgresql+psycopg://" + url.split("://", 1)[1]
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise ConfigError(f"{setting} must begin with sqlite:/// or postgresql://")
    return url
