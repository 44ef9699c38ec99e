"""first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


# The audit record is append-only: the database itself refuses to change or delete a row of it.
SQLITE_TRIGGER = (
    "CREATE TRIGGER audit_events_no_{verb} BEFORE {verb} ON audit_events"
    " BEGIN SELECT RAISE(ABORT, 'audit_events is append-only'); END"
)
POSTGRESQL_FUNCTION = (
    "CREATE FUNCTION audit_events_refuse() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RAISE EXCEPTION 'audit_events is append-only'; END $$"
)
POSTGRESQL_TRIGGER = (
    "CREATE TRIGGER audit_events_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_events"
    " FOR EACH STATEMENT EXECUTE FUNCTION audit_events_refuse()"
)


def refuse_changes_of_audit_events() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("update", "delete"):
            op.execute(SQLITE_TRIGGER.format(verb=verb))
    else:
        op.execute(POSTGRESQL_FUNCTION)
        op.execute(POSTGRESQL_TRIGGER)


def allow_changes_of_audit_events() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("update", "delete"):
            op.execute(f"DROP TRIGGER audit_events_no_{verb}")
    else:
        op.execute("DROP TRIGGER audit_events_no_change ON audit_events")
        op.execute("DROP FUNCTION audit_events_refuse()")


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=22), nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("called", sa.String(length=40), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "role in ('participant', 'therapist', 'coordinator')", name=op.f("ck_accounts_role")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("email", name=op.f("uq_accounts_email")),
        sa.UniqueConstraint("key", name=op.f("uq_accounts_key")),
    )
    op.create_table(
        "failed_sign_ins",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name_hash", sa.String(length=64), nullable=False),
        sa.Column("address_hash", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_failed_sign_ins")),
    )
    with op.batch_alter_table("failed_sign_ins", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_failed_sign_ins_address_hash_at"), ["address_hash", "at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_failed_sign_ins_name_hash_address_hash_at"),
            ["name_hash", "address_hash", "at"],
            unique=False,
        )

    op.create_table(
        "programs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("opens", sa.Time(), nullable=False),
        sa.Column("closes", sa.Time(), nullable=False),
        sa.Column("open_days", sa.JSON(), nullable=False),
        sa.Column("holidays", sa.JSON(), nullable=False),
        sa.Column("flag_minutes", sa.Integer(), nullable=False),
        sa.Column("asks_safety", sa.Boolean(), nullable=False),
        sa.Column("counted_kinds", sa.JSON(), nullable=False),
        sa.Column("exit_site", sa.String(length=200), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.CheckConstraint("flag_minutes between 1 and 1440", name=op.f("ck_programs_flag_minutes")),
        sa.CheckConstraint("id = 1", name=op.f("ck_programs_only_one")),
        sa.CheckConstraint("opens < closes", name=op.f("ck_programs_hours")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programs")),
    )
    op.create_table(
        "audit_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("participant_id", sa.Integer(), nullable=True),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["accounts.id"], name=op.f("fk_audit_events_actor_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["accounts.id"], name=op.f("fk_audit_events_participant_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_events")),
    )
    with op.batch_alter_table("audit_events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_events_actor_id_at"), ["actor_id", "at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_audit_events_participant_id_at"), ["participant_id", "at"], unique=False
        )

    op.create_table(
        "care_relationships",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("participant_id", sa.Integer(), nullable=False),
        sa.Column("therapist_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=8), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("role in ('primary', 'covering')", name=op.f("ck_care_relationships_role")),
        sa.CheckConstraint("participant_id <> therapist_id", name=op.f("ck_care_relationships_two_people")),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["accounts.id"], name=op.f("fk_care_relationships_participant_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["therapist_id"], ["accounts.id"], name=op.f("fk_care_relationships_therapist_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_care_relationships")),
    )
    with op.batch_alter_table("care_relationships", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_care_relationships_participant_id"), ["participant_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_care_relationships_therapist_id_participant_id"),
            ["therapist_id", "participant_id"],
            unique=False,
        )
        batch_op.create_index(
            "uq_care_relationships_one_primary",
            ["participant_id"],
            unique=True,
            sqlite_where=sa.text("role = 'primary' AND ended_at IS NULL"),
            postgresql_where=sa.text("role = 'primary' AND ended_at IS NULL"),
        )

    op.create_table(
        "check_ins",
        sa.Column("participant_id", sa.Integer(), nullable=False),
        sa.Column("for_day", sa.Date(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("question_set", sa.String(length=40), nullable=False),
        sa.Column("question_set_version", sa.SmallInteger(), nullable=False),
        sa.Column("mood", sa.SmallInteger(), nullable=False),
        sa.Column("anxiety", sa.SmallInteger(), nullable=True),
        sa.Column("urges", sa.SmallInteger(), nullable=True),
        sa.Column("sleep_hours", sa.Float(), nullable=True),
        sa.Column("medication", sa.String(length=4), nullable=True),
        sa.Column("substance_use", sa.String(length=7), nullable=True),
        sa.Column("skills", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("safety", sa.String(length=8), nullable=True),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("seconds_taken", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "medication in ('yes', 'some', 'no', 'none')", name=op.f("ck_check_ins_medication")
        ),
        sa.CheckConstraint(
            "safety in ('no', 'yes_safe', 'yes_talk', 'not_say')", name=op.f("ck_check_ins_safety")
        ),
        sa.CheckConstraint(
            "substance_use in ('no', 'yes', 'not_say')", name=op.f("ck_check_ins_substance_use")
        ),
        sa.CheckConstraint("anxiety between 0 and 10", name=op.f("ck_check_ins_anxiety")),
        sa.CheckConstraint("length(note) <= 2000", name=op.f("ck_check_ins_note")),
        sa.CheckConstraint("mood between 0 and 10", name=op.f("ck_check_ins_mood")),
        sa.CheckConstraint("seconds_taken >= 0", name=op.f("ck_check_ins_seconds_taken")),
        sa.CheckConstraint(
            "sleep_hours between 0 and 14 and sleep_hours * 2 = round(sleep_hours * 2)",
            name=op.f("ck_check_ins_sleep_hours"),
        ),
        sa.CheckConstraint("urges between 0 and 10", name=op.f("ck_check_ins_urges")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_check_ins_version")),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["accounts.id"], name=op.f("fk_check_ins_participant_id_accounts")
        ),
        sa.PrimaryKeyConstraint("participant_id", "for_day", "key", "version", name=op.f("pk_check_ins")),
        sa.UniqueConstraint(
            "participant_id", "key", "version", name=op.f("uq_check_ins_participant_id_key_version")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "drafts",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("typed", sa.JSON(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_drafts_account_id_accounts")),
        sa.PrimaryKeyConstraint("account_id", "address", name=op.f("pk_drafts")),
    )
    op.create_table(
        "episodes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=22), nullable=False),
        sa.Column("participant_id", sa.Integer(), nullable=False),
        sa.Column("care_system", sa.String(length=80), nullable=False),
        sa.Column("care_code", sa.String(length=20), nullable=False),
        sa.Column("care_display", sa.String(length=80), nullable=False),
        sa.Column("weekly_hours", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("planned_end", sa.Date(), nullable=True),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.CheckConstraint("status in ('planned', 'active', 'finished')", name=op.f("ck_episodes_status")),
        sa.CheckConstraint("planned_end is null or planned_end >= starts_on", name=op.f("ck_episodes_dates")),
        sa.CheckConstraint("weekly_hours between 0 and 60", name=op.f("ck_episodes_weekly_hours")),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["accounts.id"], name=op.f("fk_episodes_participant_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_episodes")),
        sa.UniqueConstraint("key", name=op.f("uq_episodes_key")),
    )
    with op.batch_alter_table("episodes", schema=None) as batch_op:
        batch_op.create_index(
            "uq_episodes_one_active",
            ["participant_id"],
            unique=True,
            sqlite_where=sa.text("status = 'active'"),
            postgresql_where=sa.text("status = 'active'"),
        )

    op.create_table(
        "flags",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=22), nullable=False),
        sa.Column("participant_id", sa.Integer(), nullable=False),
        sa.Column("tier", sa.String(length=8), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.String(length=13), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "action in ('contacted', 'assessed', 'plan_reviewed', 'emergency', 'not_reached')",
            name=op.f("ck_flags_action"),
        ),
        sa.CheckConstraint("tier in ('same_day', 'urgent')", name=op.f("ck_flags_tier")),
        sa.CheckConstraint(
            "(acknowledged_at is null) = (acknowledged_by_id is null) and (acknowledged_at is null) = (action is null)",
            name=op.f("ck_flags_ending"),
        ),
        sa.ForeignKeyConstraint(
            ["acknowledged_by_id"], ["accounts.id"], name=op.f("fk_flags_acknowledged_by_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["accounts.id"], name=op.f("fk_flags_participant_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flags")),
        sa.UniqueConstraint("key", name=op.f("uq_flags_key")),
    )
    with op.batch_alter_table("flags", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_flags_participant_id"), ["participant_id"], unique=False)
        batch_op.create_index(
            "uq_flags_one_open",
            ["participant_id"],
            unique=True,
            sqlite_where=sa.text("acknowledged_at IS NULL"),
            postgresql_where=sa.text("acknowledged_at IS NULL"),
        )

    op.create_table(
        "practices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=22), nullable=False),
        sa.Column("participant_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "finished_at is null or finished_at >= started_at", name=op.f("ck_practices_times")
        ),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["accounts.id"], name=op.f("fk_practices_participant_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practices")),
        sa.UniqueConstraint("key", name=op.f("uq_practices_key")),
    )
    with op.batch_alter_table("practices", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_practices_participant_id_slug_updated_at"),
            ["participant_id", "slug", "updated_at"],
            unique=False,
        )
        batch_op.create_index(
            "uq_practices_one_draft",
            ["participant_id", "slug"],
            unique=True,
            sqlite_where=sa.text("finished_at IS NULL"),
            postgresql_where=sa.text("finished_at IS NULL"),
        )

    op.create_table(
        "readings",
        sa.Column("participant_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("parts_read", sa.Integer(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reflection", sa.Text(), nullable=True),
        sa.Column("reflected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("parts_read >= 0", name=op.f("ck_readings_parts_read")),
        sa.CheckConstraint("(reflection is null) = (reflected_at is null)", name=op.f("ck_readings_reflected")),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["accounts.id"], name=op.f("fk_readings_participant_id_accounts")
        ),
        sa.PrimaryKeyConstraint("participant_id", "slug", name=op.f("pk_readings")),
    )
    op.create_table(
        "reviews",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=22), nullable=False),
        sa.Column("participant_id", sa.Integer(), nullable=False),
        sa.Column("check_in_key", sa.String(length=64), nullable=False),
        sa.Column("check_in_version", sa.SmallInteger(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reply", sa.Text(), nullable=True),
        sa.CheckConstraint("length(reply) between 1 and 2000", name=op.f("ck_reviews_reply")),
        sa.ForeignKeyConstraint(["by_id"], ["accounts.id"], name=op.f("fk_reviews_by_id_accounts")),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["accounts.id"], name=op.f("fk_reviews_participant_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviews")),
        sa.UniqueConstraint("key", name=op.f("uq_reviews_key")),
    )
    with op.batch_alter_table("reviews", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_reviews_participant_id_check_in_key"),
            ["participant_id", "check_in_key"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_reviews_participant_id_at"), ["participant_id", "at"], unique=False)

    op.create_table(
        "sign_ins",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_sign_ins_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_ins")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_ins_token_hash")),
    )
    with op.batch_alter_table("sign_ins", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_ins_account_id"), ["account_id"], unique=False)

    op.create_table(
        "tracks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=22), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("discreet_title", sa.String(length=60), nullable=False),
        sa.Column("facilitator_id", sa.Integer(), nullable=False),
        sa.Column("room", sa.String(length=60), nullable=False),
        sa.Column("video_url", sa.String(length=300), nullable=False),
        sa.Column("bring", sa.String(length=200), nullable=False),
        sa.Column("first_at", sa.DateTime(), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=200), nullable=False),
        sa.CheckConstraint("minutes between 5 and 720", name=op.f("ck_tracks_minutes")),
        sa.ForeignKeyConstraint(
            ["facilitator_id"], ["accounts.id"], name=op.f("fk_tracks_facilitator_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tracks")),
        sa.UniqueConstraint("key", name=op.f("uq_tracks_key")),
    )
    op.create_table(
        "flag_reasons",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("flag_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("check_in_key", sa.String(length=64), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["flag_id"], ["flags.id"], name=op.f("fk_flag_reasons_flag_id_flags")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flag_reasons")),
    )
    with op.batch_alter_table("flag_reasons", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_flag_reasons_flag_id"), ["flag_id"], unique=False)

    op.create_table(
        "sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=22), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("track_id", sa.Integer(), nullable=True),
        sa.Column("occurrence", sa.DateTime(), nullable=True),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("discreet_title", sa.String(length=60), nullable=False),
        sa.Column("facilitator_id", sa.Integer(), nullable=False),
        sa.Column("room", sa.String(length=60), nullable=False),
        sa.Column("video_url", sa.String(length=300), nullable=False),
        sa.Column("bring", sa.String(length=200), nullable=False),
        sa.Column("wall_at", sa.DateTime(), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("local_day", sa.Date(), nullable=False),
        sa.Column("status", sa.String(length=9), nullable=False),
        sa.CheckConstraint("(kind = 'group') = (track_id is not null)", name=op.f("ck_sessions_track")),
        sa.CheckConstraint(
            "kind in ('group', 'one_to_one', 'family', 'medication', 'assessment')",
            name=op.f("ck_sessions_kind"),
        ),
        sa.CheckConstraint("status in ('planned', 'cancelled', 'held')", name=op.f("ck_sessions_status")),
        sa.CheckConstraint("minutes between 5 and 720", name=op.f("ck_sessions_minutes")),
        sa.ForeignKeyConstraint(
            ["facilitator_id"], ["accounts.id"], name=op.f("fk_sessions_facilitator_id_accounts")
        ),
        sa.ForeignKeyConstraint(["track_id"], ["tracks.id"], name=op.f("fk_sessions_track_id_tracks")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("key", name=op.f("uq_sessions_key")),
        sa.UniqueConstraint("track_id", "occurrence", name=op.f("uq_sessions_track_id_occurrence")),
    )
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_sessions_facilitator_id_starts_at"), ["facilitator_id", "starts_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_sessions_starts_at"), ["starts_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_sessions_track_id_starts_at"), ["track_id", "starts_at"], unique=False
        )

    op.create_table(
        "track_enrolments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("track_id", sa.Integer(), nullable=False),
        sa.Column("participant_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.CheckConstraint("ends_on is null or ends_on >= starts_on", name=op.f("ck_track_enrolments_dates")),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["accounts.id"], name=op.f("fk_track_enrolments_participant_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["track_id"], ["tracks.id"], name=op.f("fk_track_enrolments_track_id_tracks")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_track_enrolments")),
    )
    with op.batch_alter_table("track_enrolments", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_track_enrolments_participant_id_track_id"),
            ["participant_id", "track_id"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_track_enrolments_track_id"), ["track_id"], unique=False)

    op.create_table(
        "attendances",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("participant_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(status in ('late', 'left_early')) = (minutes is not null)",
            name=op.f("ck_attendances_minutes_when"),
        ),
        sa.CheckConstraint(
            "status in ('present', 'late', 'left_early', 'excused', 'missed')",
            name=op.f("ck_attendances_status"),
        ),
        sa.CheckConstraint(
            "minutes is null or minutes between 0 and 720", name=op.f("ck_attendances_minutes")
        ),
        sa.CheckConstraint("version >= 1", name=op.f("ck_attendances_version")),
        sa.ForeignKeyConstraint(["by_id"], ["accounts.id"], name=op.f("fk_attendances_by_id_accounts")),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["accounts.id"], name=op.f("fk_attendances_participant_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=op.f("fk_attendances_session_id_sessions")
        ),
        sa.PrimaryKeyConstraint("session_id", "participant_id", "version", name=op.f("pk_attendances")),
    )
    with op.batch_alter_table("attendances", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_attendances_participant_id_session_id"),
            ["participant_id", "session_id"],
            unique=False,
        )

    op.create_table(
        "seats",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("participant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["accounts.id"], name=op.f("fk_seats_participant_id_accounts")
        ),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=op.f("fk_seats_session_id_sessions")),
        sa.PrimaryKeyConstraint("session_id", "participant_id", name=op.f("pk_seats")),
    )
    with op.batch_alter_table("seats", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_seats_participant_id"), ["participant_id"], unique=False)

    op.create_table(
        "session_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=9), nullable=False),
        sa.Column("old_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("new_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(kind = 'moved') = (new_at is not null)", name=op.f("ck_session_changes_new_time")
        ),
        sa.CheckConstraint("kind in ('moved', 'cancelled')", name=op.f("ck_session_changes_kind")),
        sa.ForeignKeyConstraint(["by_id"], ["accounts.id"], name=op.f("fk_session_changes_by_id_accounts")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=op.f("fk_session_changes_session_id_sessions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_changes")),
    )
    with op.batch_alter_table("session_changes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_session_changes_session_id"), ["session_id"], unique=False)

    refuse_changes_of_audit_events()


def downgrade() -> None:
    allow_changes_of_audit_events()
    with op.batch_alter_table("session_changes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_session_changes_session_id"))

    op.drop_table("session_changes")
    with op.batch_alter_table("seats", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_seats_participant_id"))

    op.drop_table("seats")
    with op.batch_alter_table("attendances", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attendances_participant_id_session_id"))

    op.drop_table("attendances")
    with op.batch_alter_table("track_enrolments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_track_enrolments_track_id"))
        batch_op.drop_index(batch_op.f("ix_track_enrolments_participant_id_track_id"))

    op.drop_table("track_enrolments")
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sessions_track_id_starts_at"))
        batch_op.drop_index(batch_op.f("ix_sessions_starts_at"))
        batch_op.drop_index(batch_op.f("ix_sessions_facilitator_id_starts_at"))

    op.drop_table("sessions")
    with op.batch_alter_table("flag_reasons", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_flag_reasons_flag_id"))

    op.drop_table("flag_reasons")
    op.drop_table("tracks")
    with op.batch_alter_table("sign_ins", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_ins_account_id"))

    op.drop_table("sign_ins")
    with op.batch_alter_table("reviews", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reviews_participant_id_at"))
        batch_op.drop_index(batch_op.f("ix_reviews_participant_id_check_in_key"))

    op.drop_table("reviews")
    op.drop_table("readings")
    with op.batch_alter_table("practices", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_practices_one_draft",
            sqlite_where=sa.text("finished_at IS NULL"),
            postgresql_where=sa.text("finished_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_practices_participant_id_slug_updated_at"))

    op.drop_table("practices")
    with op.batch_alter_table("flags", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_flags_one_open",
            sqlite_where=sa.text("acknowledged_at IS NULL"),
            postgresql_where=sa.text("acknowledged_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_flags_participant_id"))

    op.drop_table("flags")
    with op.batch_alter_table("episodes", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_episodes_one_active",
            sqlite_where=sa.text("status = 'active'"),
            postgresql_where=sa.text("status = 'active'"),
        )

    op.drop_table("episodes")
    op.drop_table("drafts")
    op.drop_table("check_ins")
    with op.batch_alter_table("care_relationships", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_care_relationships_one_primary",
            sqlite_where=sa.text("role = 'primary' AND ended_at IS NULL"),
            postgresql_where=sa.text("role = 'primary' AND ended_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_care_relationships_therapist_id_participant_id"))
        batch_op.drop_index(batch_op.f("ix_care_relationships_participant_id"))

    op.drop_table("care_relationships")
    with op.batch_alter_table("audit_events", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_events_participant_id_at"))
        batch_op.drop_index(batch_op.f("ix_audit_events_actor_id_at"))

    op.drop_table("audit_events")
    op.drop_table("programs")
    with op.batch_alter_table("failed_sign_ins", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_failed_sign_ins_name_hash_address_hash_at"))
        batch_op.drop_index(batch_op.f("ix_failed_sign_ins_address_hash_at"))

    op.drop_table("failed_sign_ins")
    op.drop_table("accounts")
