"""tracks with topics and seats, changes that are seen, calendars, reminders.

What is there gets the plain value of each new column. Every change that was made becomes an act of its own.
"""

import secrets
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
NEW = {  # table: column, type, its value in the rows that are there; None where it may be empty
    "mails": (("stop_url", sa.LargeBinary(), None),),
    "programs": (("directions", sa.String(500), ""),),
    "seats": (("instead_of_id", sa.Integer(), None), ("made_at", INSTANT, None)),
    "session_changes": (
        ("key", sa.String(22), ...),
        ("was", sa.String(400), None),
        ("becomes", sa.String(400), None),
    ),
    "sessions": (
        ("topic", sa.String(120), ""),
        ("material", sa.String(60), ""),
        ("worksheet", sa.String(60), ""),
        ("note", sa.String(300), ""),
        ("sequence", sa.Integer(), 0),
        ("changed_at", INSTANT, ...),
        ("clash_reason", sa.String(200), ""),
    ),
    "tracks": (
        ("cover_id", sa.Integer(), None),
        ("capacity", sa.Integer(), 12),
        ("takes_make_ups", sa.Boolean(), True),
        ("skips", sa.JSON(), []),
        ("skips_holidays", sa.Boolean(), True),
        ("topics", sa.JSON(), []),
        ("imported_as", sa.String(255), None),
    ),
}
KINDS_BEFORE = "kind in ('moved', 'cancelled')"
KINDS = "kind in ('moved', 'cancelled', 'restored', 'led', 'placed', 'lasts')"
WORDS = "(kind in ('led', 'placed', 'lasts')) = (becomes is not null)"


def upgrade() -> None:
    for table, columns in NEW.items():
        for name, kind, _ in columns:
            op.add_column(table, sa.Column(name, kind, nullable=True))
        fill(table)
        with op.batch_alter_table(table) as batch:
            for name, kind, value in columns:
                if value is not None:
                    batch.alter_column(name, existing_type=kind, nullable=False)
    with op.batch_alter_table("seats") as batch:
        batch.create_foreign_key(op.f("fk_seats_instead_of_id_sessions"), "sessions", ["instead_of_id"], ["id"])
    with op.batch_alter_table("tracks") as batch:
        batch.create_foreign_key(op.f("fk_tracks_cover_id_accounts"), "accounts", ["cover_id"], ["id"])
        batch.create_unique_constraint(op.f("uq_tracks_imported_as"), ["imported_as"])
        batch.create_check_constraint(op.f("ck_tracks_capacity"), "capacity between 1 and 500")
    with op.batch_alter_table("session_changes") as batch:
        batch.drop_constraint(op.f("ck_session_changes_kind"), type_="check")
        batch.create_check_constraint(op.f("ck_session_changes_kind"), KINDS)
        batch.create_check_constraint(op.f("ck_session_changes_words"), WORDS)
        batch.create_index(op.f("ix_session_changes_key"), ["key"])
    add_tables()


def fill(table: str) -> None:
    """Give every row that is there the value of each new column."""
    bind = op.get_bind()
    rows = sa.Table(table, sa.MetaData(), *(sa.Column(name, kind) for name, kind, _ in NEW[table]), sa.Column("id"))
    plain = {name: value for name, _, value in NEW[table] if value is not None and value is not ...}
    if plain:
        bind.execute(sa.update(rows).values(plain))
    if table == "sessions":
        bind.execute(sa.update(rows).values(changed_at=datetime.now(UTC)))
    if table == "session_changes":
        for (row,) in bind.execute(sa.text("select id from session_changes")).all():
            own = sa.update(rows).where(rows.c.id == row).values(key=secrets.token_urlsafe(16))
            bind.execute(own)


def add_tables() -> None:
    op.create_table(
        "busy_times",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(22), nullable=False),
        sa.Column("participant_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(6), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("starts", sa.Time(), nullable=False),
        sa.Column("ends", sa.Time(), nullable=False),
        sa.CheckConstraint("kind in ('work', 'school', 'family', 'other')", name=op.f("ck_busy_times_kind")),
        sa.CheckConstraint("starts < ends", name=op.f("ck_busy_times_times")),
        sa.CheckConstraint("weekday between 0 and 6", name=op.f("ck_busy_times_weekday")),
        belongs("busy_times", "participant_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_busy_times")),
        sa.UniqueConstraint("key", name=op.f("uq_busy_times_key")),
    )
    op.create_index(op.f("ix_busy_times_participant_id"), "busy_times", ["participant_id"])
    op.create_table(
        "calendar_feeds",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        belongs("calendar_feeds", "account_id"),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_calendar_feeds")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_calendar_feeds_token_hash")),
    )
    op.create_table(
        "changes_seen",
        sa.Column("change_key", sa.String(22), nullable=False),
        sa.Column("participant_id", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        belongs("changes_seen", "participant_id"),
        sa.PrimaryKeyConstraint("change_key", "participant_id", name=op.f("pk_changes_seen")),
    )
    op.create_index(op.f("ix_changes_seen_participant_id"), "changes_seen", ["participant_id"])
    op.create_table(
        "reminder_choices",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("changes", sa.Boolean(), nullable=False),
        sa.Column("unseen", sa.Boolean(), nullable=False),
        sa.Column("quiet_from", sa.Time(), nullable=False),
        sa.Column("quiet_until", sa.Time(), nullable=False),
        sa.Column("stop_hash", sa.String(64), nullable=False),
        sa.Column("chosen_at", INSTANT, nullable=False),
        belongs("reminder_choices", "account_id"),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_reminder_choices")),
        sa.UniqueConstraint("stop_hash", name=op.f("uq_reminder_choices_stop_hash")),
    )
    op.create_table(
        "absences",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("participant_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("said_at", INSTANT, nullable=False),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        belongs("absences", "participant_id"),
        belongs("absences", "session_id", "sessions"),
        sa.PrimaryKeyConstraint("session_id", "participant_id", name=op.f("pk_absences")),
    )
    op.create_index(op.f("ix_absences_participant_id"), "absences", ["participant_id"])
    op.create_table(
        "seat_holds",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("participant_id", sa.Integer(), nullable=False),
        sa.Column("instead_of_id", sa.Integer(), nullable=True),
        sa.Column("expires_at", INSTANT, nullable=False),
        belongs("seat_holds", "instead_of_id", "sessions"),
        belongs("seat_holds", "participant_id"),
        belongs("seat_holds", "session_id", "sessions"),
        sa.PrimaryKeyConstraint("session_id", "participant_id", name=op.f("pk_seat_holds")),
    )
    op.create_index(op.f("ix_seat_holds_participant_id"), "seat_holds", ["participant_id"])


def belongs(table: str, column: str, other: str = "accounts") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))


def downgrade() -> None:
    for table in ("seat_holds", "absences", "reminder_choices", "changes_seen", "calendar_feeds", "busy_times"):
        op.drop_table(table)
    op.execute("delete from session_changes where kind not in ('moved', 'cancelled')")
    with op.batch_alter_table("session_changes") as batch:
        batch.drop_index(op.f("ix_session_changes_key"))
        batch.drop_constraint(op.f("ck_session_changes_words"), type_="check")
        batch.drop_constraint(op.f("ck_session_changes_kind"), type_="check")
        batch.create_check_constraint(op.f("ck_session_changes_kind"), KINDS_BEFORE)
    with op.batch_alter_table("tracks") as batch:
        batch.drop_constraint(op.f("ck_tracks_capacity"), type_="check")
        batch.drop_constraint(op.f("uq_tracks_imported_as"), type_="unique")
        batch.drop_constraint(op.f("fk_tracks_cover_id_accounts"), type_="foreignkey")
    with op.batch_alter_table("seats") as batch:
        batch.drop_constraint(op.f("fk_seats_instead_of_id_sessions"), type_="foreignkey")
    for table, columns in NEW.items():
        with op.batch_alter_table(table) as batch:
            for name, _, _ in columns:
                batch.drop_column(name)
