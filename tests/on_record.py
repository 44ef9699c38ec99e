"""What a test reads from the audit record."""

from typing import Any

from flask import Flask
from sqlalchemy import select

from portal.audit.models import AuditEvent
from portal.db import db


def told(app: Flask, *what: str) -> list[tuple[Any, ...]]:
    """The audit events of these names, in order: what, who, about whom, and the subject."""
    with app.app_context():
        rows = db.session.execute(
            select(AuditEvent.what, AuditEvent.actor_id, AuditEvent.participant_id, AuditEvent.subject)
            .where(AuditEvent.what.in_(what))
            .order_by(AuditEvent.id)
        )
        return [tuple(row) for row in rows]
