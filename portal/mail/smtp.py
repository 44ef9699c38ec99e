"""The SMTP server that the PORTAL_SMTP_* settings name, and how a message looks on the way to it."""

import smtplib
import ssl
from dataclasses import dataclass, field
from email.headerregistry import Address, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8, EmailPolicy
from email.utils import format_datetime

from flask import current_app

from portal import clock, mail
from portal.config import ConfigError, is_loopback
from portal.mail.delivery import Letter, Undelivered

WAYS = ("starttls", "tls", "none")
PATIENCE = 60  # seconds for each answer; delivery.BEGUN_WITHIN rests on it
LONGEST_NAME = 80
ONE_CLICK = "List-Unsubscribe=One-Click"  # RFC 8058
NOT_SIGNED_IN = 530
SERVER_TROUBLES = ("connect", "starttls", "hello", "sign-in", "sender", "disconnected")  # no letter's own fault


@dataclass(frozen=True)
class Server:
    """A mail server, and the name and address that what goes through it comes from."""

    host: str
    port: int
    tls: str
    sender: Address
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    patience: float = PATIENCE


def server(sender_name: str) -> Server:
    """The server that the settings name; raises ConfigError with one sentence."""
    config = current_app.config
    host, port, tls = config["SMTP_HOST"], config["SMTP_PORT"], config["SMTP_TLS"]
    if not host or not isinstance(host, str):
        raise ConfigError("Set PORTAL_SMTP_HOST to the name of the server that takes this portal's email.")
    if type(port) is not int or not 0 < port < 65536:
        raise ConfigError("PORTAL_SMTP_PORT must be a number from 1 to 65535.")
    if tls not in WAYS:
        raise ConfigError("PORTAL_SMTP_TLS must be starttls, tls or none.")
    if tls == "none" and not is_loopback(host):
        raise ConfigError("PORTAL_SMTP_TLS may be none only for an email server on this machine, such as localhost.")
    return Server(host, port, tls, _sender(sender_name), _text("SMTP_USER"), _text("SMTP_PASSWORD"))


def is_set() -> bool:
    """Whether the settings name a server that email can leave by; whether it answers is another thing."""
    try:
        server("any name")
    except ConfigError:
        return False
    return True


def _text(setting: str) -> str | None:
    """A setting that is text. The environment is read as JSON, which would turn 0.50 into 0.5."""
    value = current_app.config[setting]
    if value is not None and not isinstance(value, str):
        raise ConfigError(f"Put double quotes around the value of PORTAL_{setting}, so that it is read as text.")
    return value


def _sender(name: str) -> Address:
    try:
        local, _, domain = mail.deliverable(_text("MAIL_FROM") or "").partition("@")
    except ValueError:
        raise ConfigError("Set PORTAL_MAIL_FROM to the address that email comes from.") from None
    try:
        return Address(mail.one_line(name, LONGEST_NAME), local, domain)
    except ValueError:
        raise ConfigError(f"What the program is shown as must be one line of at most {LONGEST_NAME} letters.") from None


class Unfolded(UnstructuredHeader):
    """A header with an address in it, which folding would encode into what no mail program reads."""

    def fold(self, *, policy: EmailPolicy) -> str:
        return f"{self.name}: {self}{policy.linesep}"  # type: ignore[attr-defined]


HEADERS = HeaderRegistry()
HEADERS.map_to_type("list-unsubscribe", Unfolded)  # type: ignore[arg-type]  # as its own headers are made


def message(letter: Letter, sender: Address) -> EmailMessage:
    """The message as it is sent: plain text, which no machine shall answer, with an id that every try shares.

    Where one click ends such messages, mail programs show a button for it (RFC 8058).
    """
    local, _, domain = letter.to.partition("@")
    policy = SMTP if letter.to.isascii() else SMTPUTF8
    made = EmailMessage(policy=policy.clone(header_factory=HEADERS))
    made["From"] = sender
    made["To"] = Address(username=local, domain=domain)
    made["Subject"] = letter.subject
    made["Date"] = format_datetime(clock.now())
    made["Message-ID"] = f"<{letter.key}@{sender.domain}>"
    made["Auto-Submitted"] = "auto-generated"
    made["X-Auto-Response-Suppress"] = "All"
    if letter.stop_url:
        made["List-Unsubscribe"] = f"<{letter.stop_url}>"
        made["List-Unsubscribe-Post"] = ONE_CLICK
    made.set_content(letter.body, cte="quoted-printable")  # its lines are short and ASCII, whatever the body holds
    return made


class Conversation:
    """One connection to the server, over which one letter goes after the other."""

    def __init__(self, server: Server) -> None:
        """Open it, encrypted and signed in as the settings say; raises Undelivered."""
        self.sender = server.sender
        self.smtp: smtplib.SMTP | None = None
        step = "connect"
        where, name = (server.host, server.port), server.sender.domain  # not the machine's own name
        try:
            if server.tls == "tls":
                trust = ssl.create_default_context()
                self.smtp = smtplib.SMTP_SSL(*where, name, timeout=server.patience, context=trust)
            else:
                self.smtp = smtplib.SMTP(*where, name, timeout=server.patience)
            if server.tls == "starttls":
                step = "starttls"
                self.smtp.starttls(context=ssl.create_default_context())
            step = "hello"
            self.smtp.ehlo_or_helo_if_needed()
            if server.user:
                step = "sign-in"
                self.smtp.login(server.user, server.password or "")
        except (OSError, ValueError) as error:  # smtplib's own are a kind of OSError
            self.close()
            raise Undelivered(_words(step, error)) from None

    @property
    def alive(self) -> bool:
        return self.smtp is not None and self.smtp.sock is not None

    def send(self, letter: Letter) -> None:
        """Hand over one letter; raises Undelivered when the server has not taken it, or did not say so."""
        smtp = self.smtp
        assert smtp is not None
        try:
            content = message(letter, self.sender).as_bytes()
        except Exception:  # whatever it is, it must not keep the messages behind it from going
            raise Undelivered("unsendable", for_good=True) from None
        options = () if letter.to.isascii() else ("SMTPUTF8", "BODY=8BITMIME")
        if options and not smtp.has_extn("smtputf8"):
            raise Undelivered("smtputf8", for_good=True)
        try:
            smtp.sendmail(self.sender.addr_spec, [letter.to], content, options)
        except smtplib.SMTPRecipientsRefused as error:
            [(code, _)] = error.recipients.values()
            raise Undelivered(f"recipient {code}", for_good=code >= 500 and code != NOT_SIGNED_IN) from None
        except smtplib.SMTPSenderRefused as error:  # a fault of the settings, not of this letter
            raise Undelivered(_words("sender", error)) from None
        except smtplib.SMTPDataError as error:
            if not 200 <= error.smtp_code < 300:
                raise Undelivered(_words("content", error), for_good=error.smtp_code >= 500) from None
        except OSError as error:
            smtp.close()
            raise Undelivered(_words("disconnected", error)) from None

    def close(self) -> None:
        """Take leave, or do without."""
        if self.smtp is None or not self.alive:
            return
        try:
            self.smtp.quit()
        except OSError:
            self.smtp.close()


def _words(step: str, error: Exception) -> str:
    """A word for the step that failed, and the server's code if it gave one; never what the server wrote."""
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{step} {error.smtp_code}"
    if isinstance(error, ssl.SSLError):
        return f"{step} certificate" if isinstance(error, ssl.SSLCertVerificationError) else f"{step} tls"
    return step
