"""The tables of the portal, all of them, and what makes the audit record append-only.

Nothing is released: until it is, a change of the schema is made here, in place. The revision is named after what this
file says, so that a database that was made before the change is known to be another one.
"""

import hashlib
from pathlib import Path

import sqlalchemy as sa
from alembic import context, op

from portal.audit.models import FIRST_MAC

revision = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:12]
down_revision = None
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)

SQLITE_TRIGGER = (
    "CREATE TRIGGER audit_events_no_{verb} BEFORE {verb} ON audit_events"
    " BEGIN SELECT RAISE(ABORT, 'audit_events is append-only'); END"
)
POSTGRESQL_FUNCTION = (
    "CREATE OR REPLACE FUNCTION audit_events_refuse() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RAISE EXCEPTION 'audit_events is append-only'; END $$"
)
POSTGRESQL_TRIGGER = (
    "CREATE TRIGGER audit_events_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_events"
    " FOR EACH STATEMENT EXECUTE FUNCTION audit_events_refuse()"
)


def is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def only(condition: str) -> dict[str, sa.TextClause]:
    """The options of an index over the rows that `condition` holds for."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def refuse_changes_of_audit_events() -> None:
    """Let the database itself refuse to change or delete a row of the audit record."""
    if is_sqlite():
        for verb in ("update", "delete"):
            op.execute(SQLITE_TRIGGER.format(verb=verb))
    else:
        op.execute(POSTGRESQL_FUNCTION)
        op.execute(POSTGRESQL_TRIGGER)


def begin_the_audit_chain() -> None:
    """Put the row there that says where the chain ends: at its beginning, with nothing before it."""
    heads = sa.table("audit_heads", sa.column("id"), sa.column("last_id"), sa.column("mac"))
    op.bulk_insert(heads, [{"id": 1, "last_id": 0, "mac": FIRST_MAC}])


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.String(22), nullable=False, unique=True),
        sa.Column("role", sa.String(12), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("called", sa.String(40), nullable=False),
        sa.Column("contact", sa.LargeBinary, nullable=False),
        sa.Column("contact_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("mail_ok", sa.Boolean, nullable=False),
        sa.Column("password_hash", sa.String(200)),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("joined_at", INSTANT),
        sa.Column("disabled_at", INSTANT),
        sa.CheckConstraint("role in ('participant', 'therapist', 'coordinator')", name="role"),
    )
    op.create_table(
        "audit_events",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor_id", sa.Integer),
        sa.Column("participant_id", sa.Integer),
        sa.Column("what", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(64)),
        sa.Column("mac", sa.String(64), nullable=False),
        sa.Index(None, "actor_id", "at"),
        sa.Index(None, "participant_id", "at"),
        sa.Index(
            "ix_audit_events_of_program", "id", **only("what IN ('program.change', 'on_call.begin', 'on_call.end')")
        ),
    )
    op.create_table(
        "audit_heads",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("last_id", sa.Integer, nullable=False),
        sa.Column("mac", sa.String(64), nullable=False),
        sa.Column("broken_at", INSTANT),
        sa.CheckConstraint("id = 1", name="only_one"),
    )
    op.create_table(
        "programs",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("phone", sa.String(40), nullable=False),
        sa.Column("address", sa.String(200), nullable=False),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("opens", sa.Time, nullable=False),
        sa.Column("closes", sa.Time, nullable=False),
        sa.Column("open_days", sa.JSON, nullable=False),
        sa.Column("holidays", sa.JSON, nullable=False),
        sa.Column("urgent_minutes", sa.Integer, nullable=False),
        sa.Column("same_day_minutes", sa.Integer, nullable=False),
        sa.Column("asks_safety", sa.Boolean, nullable=False),
        sa.Column("counted_kinds", sa.JSON, nullable=False),
        sa.Column("exit_site", sa.String(200), nullable=False),
        sa.Column("is_demo", sa.Boolean, nullable=False),
        sa.Column("shown_as", sa.String(30), nullable=False),
        sa.Column("needs_second_factor", sa.Boolean, nullable=False),
        sa.Column("idle_minutes", sa.Integer, nullable=False),
        sa.Column("directions", sa.String(500), nullable=False),
        sa.Column("question_set", sa.String(40), nullable=False),
        sa.Column("turned_on", sa.JSON, nullable=False),
        sa.Column("measures", sa.JSON, nullable=False),
        sa.CheckConstraint("urgent_minutes between 1 and 1440", name="urgent_minutes"),
        sa.CheckConstraint("same_day_minutes between 1 and 1440", name="same_day_minutes"),
        sa.CheckConstraint("opens < closes", name="hours"),
        sa.CheckConstraint("idle_minutes between 5 and 30", name="idle_minutes"),
        sa.CheckConstraint("id = 1", name="only_one"),
    )
    op.create_table(
        "rate_counts",
        sa.Column("name_hash", sa.String(64), primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False, index=True),
    )
    op.create_table(
        "secrets",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "spent_challenges",
        sa.Column("challenge_hash", sa.String(64), primary_key=True),
        sa.Column("at", INSTANT, nullable=False, index=True),
    )
    op.create_table(
        "authenticators",
        sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id"), primary_key=True),
        sa.Column("secret", sa.LargeBinary, nullable=False),
        sa.Column("last_step", sa.Integer, nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("confirmed_at", INSTANT),
    )
    op.create_table(
        "break_glasses",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.String(22), nullable=False, unique=True),
        sa.Column("therapist_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("participant_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False, index=True),
        sa.Column("reason", sa.LargeBinary, nullable=False),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("reviewed_at", INSTANT),
        sa.Column("reviewed_by_id", sa.Integer, sa.ForeignKey("accounts.id")),
        sa.Column("finding", sa.String(9)),
        sa.CheckConstraint("finding in ('justified', 'follow_up')", name="finding"),
        sa.CheckConstraint(
            "(reviewed_at is null) = (reviewed_by_id is null) and (reviewed_at is null) = (finding is null)",
            name="review",
        ),
        sa.CheckConstraint("ends_at > starts_at", name="times"),
        sa.CheckConstraint("therapist_id <> participant_id", name="two_people"),
        sa.Index(None, "therapist_id", "participant_id", "ends_at"),
    )
    op.create_table(
        "busy_times",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.String(22), nullable=False, unique=True),
        sa.Column("participant_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False, index=True),
        sa.Column("kind", sa.String(6), nullable=False),
        sa.Column("weekday", sa.Integer, nullable=False),
        sa.Column("starts", sa.Time, nullable=False),
        sa.Column("ends", sa.Time, nullable=False),
        sa.CheckConstraint("kind in ('work', 'school', 'family', 'other')", name="kind"),
        sa.CheckConstraint("starts < ends", name="times"),
        sa.CheckConstraint("weekday between 0 and 6", name="weekday"),
    )
    op.create_table(
        "calendar_feeds",
        sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id"), primary_key=True),
        sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("made_at", INSTANT, nullable=False),
    )
    op.create_table(
        "times_away",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.String(22), nullable=False, unique=True),
        sa.Column("therapist_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False, index=True),
        sa.Column("covered_by_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("first_day", sa.Date, nullable=False),
        sa.Column("last_day", sa.Date, nullable=False),
        sa.Column("entered_at", INSTANT, nullable=False),
        sa.Column("cancelled_at", INSTANT),
        sa.CheckConstraint("first_day <= last_day", name="days"),
        sa.CheckConstraint("therapist_id <> covered_by_id", name="two_people"),
    )
    op.create_table(
        "on_call",
        sa.Column("therapist_id", sa.Integer, sa.ForeignKey("accounts.id"), primary_key=True),
        sa.Column("since", INSTANT, nullable=False),
    )
    op.create_table(
        "care_relationships",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("participant_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False, index=True),
        sa.Column("therapist_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("role", sa.String(8), nullable=False),
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.Column("ended_at", INSTANT),
        sa.Column("time_away_id", sa.Integer, sa.ForeignKey("times_away.id"), index=True),
        sa.CheckConstraint("role in ('primary', 'covering', 'on_call')", name="role"),
        sa.CheckConstraint("time_away_id is null or role = 'covering'", name="time_away"),
        sa.CheckConstraint("participant_id <> therapist_id", name="two_people"),
        sa.Index(None, "therapist_id", "participant_id"),
        sa.Index(
            "uq_care_relationships_one_primary",
            "participant_id",
            unique=True,
            **only("role = 'primary' and ended_at is null"),
        ),
        sa.Index(
            "uq_care_relationships_once_on_call",
            "participant_id",
            "therapist_id",
            unique=True,
            **only("role = 'on_call' and ended_at is null"),
        ),
    )
    op.create_table(
        "contact_details",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("participant_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False, unique=True),
        sa.Column("phone", sa.LargeBinary),
        sa.Column("may_leave_message", sa.Boolean),
        sa.Column("clinic_number", sa.LargeBinary),
        sa.Column("clinic_number_hash", sa.String(64), unique=True),
        sa.Column("emergency_name", sa.LargeBinary),
        sa.Column("emergency_phone", sa.LargeBinary),
        sa.Column("emergency_tie", sa.LargeBinary),
        sa.Column("video_place", sa.LargeBinary),
        sa.Column("confirmed_at", INSTANT),
        sa.CheckConstraint("may_leave_message is null or phone is not null", name="message"),
        sa.CheckConstraint("(clinic_number is null) = (clinic_number_hash is null)", name="clinic_number"),
    )
    op.create_table(
        "changes_seen",
        sa.Column("change_key", sa.String(22), primary_key=True),
        sa.Column("participant_id", sa.Integer, sa.ForeignKey("accounts.id"), primary_key=True, index=True),
        sa.Column("at", INSTANT, nullable=False),
    )
    op.create_table(
        "check_in_plans",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.String(22), nullable=False, unique=True),
        sa.Column("participant_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("question_set", sa.String(40), nullable=False),
        sa.Column("self_harm_set", sa.String(40)),
        sa.Column("targets", sa.LargeBinary),
        sa.Column("goal", sa.LargeBinary),
        sa.Column("chosen_by_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("chosen_at", INSTANT, nullable=False),
        sa.Index(None, "participant_id", "chosen_at"),
    )
    op.create_table(
        "check_ins",
        sa.Column("participant_id", sa.Integer, sa.ForeignKey("accounts.id"), primary_key=True),
        sa.Column("for_day", sa.Date, primary_key=True),
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("version", sa.SmallInteger, primary_key=True),
        sa.Column("question_set", sa.String(40), nullable=False),
        sa.Column("question_set_version", sa.SmallInteger, nullable=False),
        sa.Column("mood", sa.SmallInteger, nullable=False),
        sa.Column("anxiety", sa.SmallInteger),
        sa.Column("urges", sa.SmallInteger),
        sa.Column("sleep_hours", sa.Float),
        sa.Column("medication", sa.String(4)),
        sa.Column("substance_use", sa.String(7)),
        sa.Column("skills", sa.JSON(none_as_null=True)),
        sa.Column("note", sa.LargeBinary),
        sa.Column("safety", sa.String(8)),
        sa.Column("answers", sa.JSON, nullable=False),
        sa.Column("entered_at", INSTANT, nullable=False),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("seconds_taken", sa.Integer),
        sa.Column("plan_key", sa.String(22)),
        sa.Column("written_at", INSTANT),
        sa.Column("item_seconds", sa.JSON(none_as_null=True)),
        sa.CheckConstraint("anxiety between 0 and 10", name="anxiety"),
        sa.CheckConstraint("medication in ('yes', 'some', 'no', 'none')", name="medication"),
        sa.CheckConstraint("mood between 0 and 10", name="mood"),
        sa.CheckConstraint("length(note) <= 8100", name="note"),
        sa.CheckConstraint("safety in ('no', 'yes_safe', 'yes_talk', 'not_say')", name="safety"),
        sa.CheckConstraint("seconds_taken >= 0", name="seconds_taken"),
        sa.CheckConstraint(
            "sleep_hours between 0 and 14 and sleep_hours * 2 = round(sleep_hours * 2)", name="sleep_hours"
        ),
        sa.CheckConstraint("substance_use in ('no', 'yes', 'not_say')", name="substance_use"),
        sa.CheckConstraint("urges between 0 and 10", name="urges"),
        sa.CheckConstraint("version >= 1", name="version"),
        sa.UniqueConstraint("participant_id", "key", "version"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "drafts",
        sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id"), primary_key=True),
        sa.Column("address", sa.String(200), primary_key=True),
        sa.Column("typed", sa.LargeBinary, nullable=False),
        sa.Column("kept_at", INSTANT, nullable=False),
    )
    op.create_table(
        "episodes",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.String(22), nullable=False, unique=True),
        sa.Column("participant_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False, index=True),
        sa.Column("care_system", sa.String(80), nullable=False),
        sa.Column("care_code", sa.String(20), nullable=False),
        sa.Column("care_display", sa.String(80), nullable=False),
        sa.Column("weekly_hours", sa.Integer, nullable=False),
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.Column("planned_end", sa.Date),
        sa.Column("ended_on", sa.Date),
        sa.Column("status", sa.String(8), nullable=False),
        sa.CheckConstraint("planned_end is null or planned_end >= starts_on", name="dates"),
        sa.CheckConstraint("ended_on is null or (ended_on >= starts_on and status = 'finished')", name="end"),
        sa.CheckConstraint("status in ('planned', 'active', 'finished')", name="status"),
        sa.CheckConstraint("weekly_hours between 0 and 60", name="weekly_hours"),
        sa.Index("uq_episodes_one_active", "participant_id", unique=True, **only("status = 'active'")),
    )
    op.create_table(
        "flags",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.String(22), nullable=False, unique=True),
        sa.Column("participant_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False, index=True),
        sa.Column("tier", sa.String(8), nullable=False),
        sa.Column("raised_at", INSTANT, nullable=False),
        sa.Column("closed_at", INSTANT),
        sa.CheckConstraint("tier in ('same_day', 'urgent')", name="tier"),
        sa.Index("uq_flags_one_open", "participant_id", unique=True, **only("closed_at is null")),
    )
    op.create_table(
        "invitations",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.String(22), nullable=False, unique=True),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False, index=True),
        sa.Column("purpose", sa.String(8), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("made_by_id", sa.Integer, sa.ForeignKey("accounts.id")),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT),
        sa.CheckConstraint("purpose in ('join', 'reset', 'restore')", name="purpose"),
        sa.CheckConstraint("expires_at > made_at", name="times"),
    )
    op.create_table(
        "known_devices",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False, index=True),
        sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("last_used_at", INSTANT, nullable=False),
    )
    op.create_table(
        "mails",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.String(22), nullable=False, unique=True),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id")),
        sa.Column("once", sa.String(80), unique=True),
        sa.Column("recipient", sa.LargeBinary, nullable=False),
        sa.Column("subject", sa.String(120), nullable=False),
        sa.Column("body", sa.LargeBinary),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("claimed_until", INSTANT),
        sa.Column("sent_at", INSTANT),
        sa.Column("given_up_at", INSTANT),
        sa.Column("trouble", sa.String(80)),
        sa.Column("stop_url", sa.LargeBinary),
        sa.Column("failed_at", INSTANT),
        sa.Index("ix_mails_failed", "failed_at", **only("sent_at is null and failed_at is not null")),
        sa.Index("ix_mails_given_up", "given_up_at", **only("given_up_at is not null")),
        sa.Index("ix_mails_sent", "sent_at", **only("sent_at is not null")),
        sa.Index("ix_mails_waiting", "due_at", **only("sent_at is null and given_up_at is null")),
    )
    op.create_table(
        "measure_entries",
        sa.Column("participant_id", sa.Integer, sa.ForeignKey("accounts.id"), primary_key=True),
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("version", sa.SmallInteger, primary_key=True),
        sa.Column("slug", sa.String(40), nullable=False),
        sa.Column("instrument_version", sa.String(20), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("mode", sa.String(9), nullable=False),
        sa.Column("entered_by_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("answers", sa.JSON, nullable=False),
        sa.Column("event", sa.LargeBinary),
        sa.Column("total", sa.Integer),
        sa.Column("prorated", sa.Boolean, nullable=False),
        sa.Column("parts", sa.JSON, nullable=False),
        sa.Column("band", sa.String(80)),
        sa.Column("for_day", sa.Date, nullable=False),
        sa.Column("entered_at", INSTANT, nullable=False),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("seconds_taken", sa.Integer),
        sa.CheckConstraint("mode in ('self', 'clinician')", name="mode"),
        sa.CheckConstraint("seconds_taken >= 0", name="seconds_taken"),
        sa.CheckConstraint("version >= 1", name="version"),
        sa.Index(None, "participant_id", "slug", "entered_at"),
        sa.Index(
            "uq_measure_entries_one_a_day",
            "participant_id",
            "slug",
            "for_day",
            unique=True,
            **only("mode = 'self' AND version = 1"),
        ),
    )
    op.create_table(
        "measure_plans",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.String(22), nullable=False, unique=True),
        sa.Column("participant_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("slug", sa.String(40), nullable=False),
        sa.Column("every", sa.String(10), nullable=False),
        sa.Column("chosen_by_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("chosen_at", INSTANT, nullable=False),
        sa.CheckConstraint("every in ('once', 'weekly', 'two_weeks', 'monthly', 'one_to_one', 'never')", name="every"),
        sa.Index(None, "participant_id", "slug", "chosen_at"),
    )
    op.create_table(
        "measure_reviews",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.String(22), nullable=False, unique=True),
        sa.Column("participant_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("measure_key", sa.String(64), nullable=False),
        sa.Column("measure_version", sa.SmallInteger, nullable=False),
        sa.Column("by_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.UniqueConstraint("participant_id", "measure_key", "measure_version"),
    )
    op.create_table(
        "passkeys",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.String(22), nullable=False, unique=True),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False, index=True),
        sa.Column("credential_id", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("sign_count", sa.Integer, nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("last_used_at", INSTANT),
    )
    op.create_table(
        "practices",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.String(22), nullable=False, unique=True),
        sa.Column("participant_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("slug", sa.String(60), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("answers", sa.LargeBinary, nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("finished_at", INSTANT),
        sa.CheckConstraint("finished_at is null or finished_at >= started_at", name="times"),
        sa.Index(None, "participant_id", "slug", "updated_at"),
        sa.Index("uq_practices_one_draft", "participant_id", "slug", unique=True, **only("finished_at is null")),
    )
    op.create_table(
        "practice_shares",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("practice_id", sa.Integer, sa.ForeignKey("practices.id"), nullable=False),
        sa.Column("shared_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT),
        sa.CheckConstraint("ended_at is null or ended_at >= shared_at", name="times"),
        sa.Index("uq_practice_shares_open", "practice_id", unique=True, **only("ended_at is null")),
    )
    op.create_table(
        "step_approvals",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("practice_id", sa.Integer, sa.ForeignKey("practices.id"), nullable=False),
        sa.Column("row", sa.Integer, nullable=False),
        sa.Column("therapist_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("approved_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT),
        sa.CheckConstraint("row >= 0", name="row"),
        sa.CheckConstraint("ended_at is null or ended_at >= approved_at", name="times"),
        sa.Index("uq_step_approvals_open", "practice_id", "row", unique=True, **only("ended_at is null")),
    )
    op.create_table(
        "exercise_choices",
        sa.Column("participant_id", sa.Integer, sa.ForeignKey("accounts.id"), primary_key=True),
        sa.Column("slug", sa.String(60), primary_key=True),
        sa.Column("choice", sa.String(6), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.CheckConstraint("choice in ('pinned', 'hidden')", name="choice"),
    )
    op.create_table(
        "readings",
        sa.Column("participant_id", sa.Integer, sa.ForeignKey("accounts.id"), primary_key=True),
        sa.Column("slug", sa.String(60), primary_key=True),
        sa.Column("parts_read", sa.Integer, nullable=False),
        sa.Column("finished_at", INSTANT),
        sa.Column("reflection", sa.LargeBinary),
        sa.Column("reflected_at", INSTANT),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.CheckConstraint("parts_read >= 0", name="parts_read"),
        sa.CheckConstraint("(reflection is null) = (reflected_at is null)", name="reflected"),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("used_at", INSTANT),
        sa.UniqueConstraint("account_id", "code_hash"),
    )
    op.create_table(
        "reminder_choices",
        sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id"), primary_key=True),
        sa.Column("before", sa.JSON, nullable=False),
        sa.Column("changes", sa.Boolean, nullable=False),
        sa.Column("unseen", sa.Boolean, nullable=False),
        sa.Column("quiet_from", sa.Time, nullable=False),
        sa.Column("quiet_until", sa.Time, nullable=False),
        sa.Column("stop_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("chosen_at", INSTANT, nullable=False),
        sa.Column("check_in_at", sa.Time),
        sa.Column("measures", sa.Boolean, nullable=False),
    )
    op.create_table(
        "reviews",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.String(22), nullable=False, unique=True),
        sa.Column("participant_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("check_in_key", sa.String(64), nullable=False),
        sa.Column("number", sa.SmallInteger, nullable=False),
        sa.Column("check_in_version", sa.SmallInteger, nullable=False),
        sa.Column("by_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("reply", sa.LargeBinary),
        sa.CheckConstraint("length(reply) <= 8100", name="reply"),
        sa.UniqueConstraint("participant_id", "check_in_key", "number"),
        sa.Index(None, "participant_id", "at"),
    )
    op.create_table(
        "reply_steps",
        sa.Column("review_key", sa.String(22), sa.ForeignKey("reviews.key"), primary_key=True),
        sa.Column("number", sa.SmallInteger, primary_key=True),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("reply", sa.LargeBinary),
        sa.CheckConstraint("kind in ('changed', 'taken_back', 'seen')", name="kind"),
        sa.CheckConstraint("number >= 1", name="number"),
        sa.CheckConstraint("(kind = 'changed') = (reply is not null)", name="words"),
        sa.CheckConstraint("length(reply) <= 8100", name="reply"),
    )
    op.create_table(
        "sign_ins",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.String(22), nullable=False, unique=True),
        sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False, index=True),
        sa.Column("stage", sa.String(6), nullable=False),
        sa.Column("how", sa.String(10), nullable=False),
        sa.Column("shared", sa.Boolean, nullable=False),
        sa.Column("device", sa.String(60), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("last_used_at", INSTANT, nullable=False),
        sa.Column("confirmed_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT),
        sa.CheckConstraint("how in ('password', 'totp', 'passkey', 'recovery', 'link')", name="how"),
        sa.CheckConstraint("stage in ('full', 'second', 'enroll')", name="stage"),
    )
    op.create_table(
        "interrupted_forms",
        sa.Column("sign_in_id", sa.Integer, sa.ForeignKey("sign_ins.id"), primary_key=True),
        sa.Column("key", sa.String(22), nullable=False, unique=True),
        sa.Column("sent", sa.LargeBinary, nullable=False),
        sa.Column("kept_at", INSTANT, nullable=False),
    )
    op.create_table(
        "tracks",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.String(22), nullable=False, unique=True),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("discreet_title", sa.String(60), nullable=False),
        sa.Column("facilitator_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("room", sa.String(60), nullable=False),
        sa.Column("video_url", sa.String(300), nullable=False),
        sa.Column("bring", sa.String(200), nullable=False),
        sa.Column("first_at", sa.DateTime, nullable=False),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("minutes", sa.Integer, nullable=False),
        sa.Column("rule", sa.String(200), nullable=False),
        sa.Column("cover_id", sa.Integer, sa.ForeignKey("accounts.id")),
        sa.Column("capacity", sa.Integer, nullable=False),
        sa.Column("takes_make_ups", sa.Boolean, nullable=False),
        sa.Column("skips", sa.JSON, nullable=False),
        sa.Column("skips_holidays", sa.Boolean, nullable=False),
        sa.Column("topics", sa.JSON, nullable=False),
        sa.Column("imported_as", sa.String(255), unique=True),
        sa.Column("imported_from", sa.String(22)),
        sa.Column("imported", sa.JSON),
        sa.CheckConstraint("capacity between 1 and 500", name="capacity"),
        sa.CheckConstraint("minutes between 5 and 720", name="minutes"),
    )
    op.create_table(
        "flag_reasons",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("flag_id", sa.Integer, sa.ForeignKey("flags.id"), nullable=False, index=True),
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("check_in_key", sa.String(64)),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("measure_key", sa.String(64)),
        sa.Column("due_at", INSTANT),
    )
    op.create_table(
        "flag_acts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.String(22), nullable=False, unique=True),
        sa.Column("flag_id", sa.Integer, sa.ForeignKey("flags.id"), nullable=False, index=True),
        sa.Column("kind", sa.String(18), nullable=False),
        sa.Column("by_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("note", sa.LargeBinary),
        sa.Column("again_by_id", sa.Integer, sa.ForeignKey("accounts.id")),
        sa.Column("again_at", INSTANT),
        sa.CheckConstraint(
            "kind in ('tried', 'contacted', 'assessed', 'plan_reviewed', 'emergency_services', 'note')", name="kind"
        ),
        sa.CheckConstraint("(again_at is null) = (again_by_id is null)", name="again"),
        sa.CheckConstraint("(kind = 'tried') = (again_at is not null)", name="tried_again"),
        sa.CheckConstraint("kind <> 'note' or note is not null", name="note"),
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.String(22), nullable=False, unique=True),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("track_id", sa.Integer, sa.ForeignKey("tracks.id")),
        sa.Column("occurrence", sa.DateTime),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("discreet_title", sa.String(60), nullable=False),
        sa.Column("facilitator_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("room", sa.String(60), nullable=False),
        sa.Column("video_url", sa.String(300), nullable=False),
        sa.Column("bring", sa.String(200), nullable=False),
        sa.Column("wall_at", sa.DateTime, nullable=False),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("minutes", sa.Integer, nullable=False),
        sa.Column("starts_at", INSTANT, nullable=False, index=True),
        sa.Column("local_day", sa.Date, nullable=False),
        sa.Column("status", sa.String(9), nullable=False),
        sa.Column("topic", sa.String(120), nullable=False),
        sa.Column("material", sa.String(60), nullable=False),
        sa.Column("worksheet", sa.String(60), nullable=False),
        sa.Column("own_topic", sa.Boolean, nullable=False),
        sa.Column("note", sa.String(300), nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("clash_reason", sa.String(200), nullable=False),
        sa.CheckConstraint("kind in ('group', 'one_to_one', 'family', 'medication', 'assessment')", name="kind"),
        sa.CheckConstraint("minutes between 5 and 720", name="minutes"),
        sa.CheckConstraint("status in ('planned', 'cancelled', 'held')", name="status"),
        sa.CheckConstraint("(kind = 'group') = (track_id is not null)", name="track"),
        sa.UniqueConstraint("track_id", "occurrence"),
        sa.Index(None, "facilitator_id", "starts_at"),
        sa.Index(None, "track_id", "starts_at"),
    )
    op.create_table(
        "homework",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.String(22), nullable=False, unique=True),
        sa.Column("batch", sa.String(64), nullable=False),
        sa.Column("participant_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("given_by_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("slug", sa.String(60), nullable=False),
        sa.Column("text", sa.LargeBinary, nullable=False),
        sa.Column("times", sa.SmallInteger, nullable=False),
        sa.Column("due_session_id", sa.Integer, sa.ForeignKey("sessions.id")),
        sa.Column("due_day", sa.Date),
        sa.Column("weekly", sa.Boolean, nullable=False),
        sa.Column("given_at", INSTANT, nullable=False),
        sa.Column("withdrawn_at", INSTANT),
        sa.UniqueConstraint("batch", "participant_id"),
        sa.CheckConstraint("kind in ('exercise', 'reading', 'measure', 'own')", name="kind"),
        sa.CheckConstraint("(kind = 'own') = (slug = '')", name="slug"),
        sa.CheckConstraint("(due_session_id is null) != (due_day is null)", name="due"),
        sa.CheckConstraint("not (weekly and due_day is null)", name="weekly"),
        sa.CheckConstraint("times between 1 and 7", name="times"),
        sa.CheckConstraint("withdrawn_at is null or withdrawn_at >= given_at", name="withdrawn"),
        sa.Index(None, "participant_id", "given_at"),
        sa.Index(None, "due_session_id"),
    )
    op.create_table(
        "homework_answers",
        sa.Column("homework_id", sa.Integer, sa.ForeignKey("homework.id"), primary_key=True),
        sa.Column("number", sa.SmallInteger, primary_key=True),
        sa.Column("what", sa.String(5), nullable=False),
        sa.Column("words", sa.LargeBinary),
        sa.Column("at", INSTANT, nullable=False),
        sa.CheckConstraint("what in ('done', 'stuck')", name="what"),
    )
    op.create_table(
        "agreements",
        sa.Column("session_id", sa.Integer, sa.ForeignKey("sessions.id"), primary_key=True),
        sa.Column("version", sa.SmallInteger, primary_key=True),
        sa.Column("lines", sa.LargeBinary, nullable=False),
        sa.Column("number", sa.SmallInteger, nullable=False),
        sa.Column("by_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.CheckConstraint("number between 0 and 3", name="number"),
        sa.CheckConstraint("version >= 1", name="version"),
    )
    op.create_table(
        "sign_in_tries",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name_hash", sa.String(64), nullable=False),
        sa.Column("address_hash", sa.String(64), nullable=False),
        sa.Column("device_id", sa.Integer, sa.ForeignKey("known_devices.id", ondelete="SET NULL")),
        sa.Column("at", INSTANT, nullable=False, index=True),
        sa.Index(None, "address_hash", "at"),
        sa.Index(None, "name_hash", "at"),
    )
    op.create_table(
        "track_enrollments",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("track_id", sa.Integer, sa.ForeignKey("tracks.id"), nullable=False, index=True),
        sa.Column("participant_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.Column("ends_on", sa.Date),
        sa.CheckConstraint("ends_on is null or ends_on >= starts_on", name="dates"),
        sa.Index(None, "participant_id", "track_id"),
    )
    op.create_table(
        "absences",
        sa.Column("session_id", sa.Integer, sa.ForeignKey("sessions.id"), primary_key=True),
        sa.Column("participant_id", sa.Integer, sa.ForeignKey("accounts.id"), primary_key=True, index=True),
        sa.Column("reason", sa.LargeBinary),
        sa.Column("said_at", INSTANT, nullable=False),
        sa.Column("withdrawn_at", INSTANT),
    )
    op.create_table(
        "attendances",
        sa.Column("session_id", sa.Integer, sa.ForeignKey("sessions.id"), primary_key=True),
        sa.Column("participant_id", sa.Integer, sa.ForeignKey("accounts.id"), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("minutes", sa.Integer),
        sa.Column("by_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.CheckConstraint("minutes is null or minutes between 0 and 720", name="minutes"),
        sa.CheckConstraint("(status in ('late', 'left_early')) = (minutes is not null)", name="minutes_when"),
        sa.CheckConstraint("status in ('present', 'late', 'left_early', 'excused', 'missed')", name="status"),
        sa.CheckConstraint("version >= 1", name="version"),
        sa.Index(None, "participant_id", "session_id"),
    )
    op.create_table(
        "seat_holds",
        sa.Column("session_id", sa.Integer, sa.ForeignKey("sessions.id"), primary_key=True),
        sa.Column("participant_id", sa.Integer, sa.ForeignKey("accounts.id"), primary_key=True, index=True),
        sa.Column("instead_of_id", sa.Integer, sa.ForeignKey("sessions.id")),
        sa.Column("expires_at", INSTANT, nullable=False),
    )
    op.create_table(
        "seats",
        sa.Column("session_id", sa.Integer, sa.ForeignKey("sessions.id"), primary_key=True),
        sa.Column("participant_id", sa.Integer, sa.ForeignKey("accounts.id"), primary_key=True, index=True),
        sa.Column("instead_of_id", sa.Integer, sa.ForeignKey("sessions.id")),
        sa.Column("made_at", INSTANT),
    )
    op.create_table(
        "session_changes",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.String(22), nullable=False, index=True),
        sa.Column("session_id", sa.Integer, sa.ForeignKey("sessions.id"), nullable=False, index=True),
        sa.Column("kind", sa.String(9), nullable=False),
        sa.Column("old_at", INSTANT, nullable=False),
        sa.Column("new_at", INSTANT),
        sa.Column("was", sa.String(400)),
        sa.Column("becomes", sa.String(400)),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("by_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.CheckConstraint("kind in ('moved', 'cancelled', 'restored', 'led', 'placed', 'lasts')", name="kind"),
        sa.CheckConstraint("(kind = 'moved') = (new_at is not null)", name="new_time"),
        sa.CheckConstraint("(kind in ('led', 'placed', 'lasts')) = (becomes is not null)", name="words"),
    )
    begin_the_audit_chain()
    refuse_changes_of_audit_events()


def downgrade() -> None:
    refuse_to_drop_rows()
    for table in reversed(TABLES):
        op.drop_table(table)
    if not is_sqlite():
        op.execute("DROP FUNCTION audit_events_refuse()")


def refuse_to_drop_rows() -> None:
    """Raise RuntimeError where somebody's account would go, unless it was said that this is meant."""
    meant = context.get_x_argument(as_dictionary=True).get("drop-rows") == "yes"
    if not meant and op.get_bind().scalar(sa.text("SELECT count(*) FROM accounts")):
        raise RuntimeError(
            "This would delete every record. If that is meant: flask --app wsgi db downgrade -x drop-rows=yes"
        )


TABLES = (
    "accounts",
    "audit_events",
    "audit_heads",
    "programs",
    "rate_counts",
    "secrets",
    "spent_challenges",
    "authenticators",
    "break_glasses",
    "busy_times",
    "calendar_feeds",
    "times_away",
    "on_call",
    "care_relationships",
    "contact_details",
    "changes_seen",
    "check_in_plans",
    "check_ins",
    "drafts",
    "episodes",
    "flags",
    "invitations",
    "known_devices",
    "mails",
    "measure_entries",
    "measure_plans",
    "measure_reviews",
    "passkeys",
    "practices",
    "practice_shares",
    "step_approvals",
    "exercise_choices",
    "readings",
    "recovery_codes",
    "reminder_choices",
    "reviews",
    "reply_steps",
    "sign_ins",
    "interrupted_forms",
    "tracks",
    "flag_reasons",
    "flag_acts",
    "sessions",
    "sign_in_tries",
    "track_enrollments",
    "absences",
    "attendances",
    "seat_holds",
    "seats",
    "session_changes",
    "homework",
    "homework_answers",
    "agreements",
)
