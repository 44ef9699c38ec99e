"""question sets that are chosen, measures, and what is known of a check-in written without a signal.

What is there gets the plain value of each new column.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
NEW = {  # table: column, type, its value in the rows that are there; None where it may be empty
    "check_ins": (
        ("plan_key", sa.String(22), None),
        ("written_at", INSTANT, None),
        ("item_seconds", sa.JSON(), None),
    ),
    "flag_reasons": (("measure_key", sa.String(64), None),),
    "programs": (
        ("question_set", sa.String(40), "daily"),
        ("turned_on", sa.JSON(), []),
        ("measures", sa.JSON(), {}),
    ),
    "reminder_choices": (("check_in_at", sa.Time(), None), ("measures", sa.Boolean(), False)),
}


def upgrade() -> None:
    for table, columns in NEW.items():
        for name, kind, _ in columns:
            op.add_column(table, sa.Column(name, kind, nullable=True))
        if plain := {name: value for name, _, value in columns if value is not None}:
            rows = sa.table(table, *(sa.column(name, kind) for name, kind, _ in columns))
            op.get_bind().execute(sa.update(rows).values(plain))
            with op.batch_alter_table(table) as batch:
                for name, kind, value in columns:
                    if value is not None:
                        batch.alter_column(name, existing_type=kind, nullable=False)
    op.create_table(
        "check_in_plans",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(22), nullable=False),
        sa.Column("participant_id", sa.Integer(), nullable=False),
        sa.Column("question_set", sa.String(40), nullable=False),
        sa.Column("question_set_version", sa.SmallInteger(), nullable=False),
        sa.Column("targets", sa.LargeBinary(), nullable=True),
        sa.Column("goal", sa.LargeBinary(), nullable=True),
        sa.Column("chosen_by_id", sa.Integer(), nullable=False),
        sa.Column("chosen_at", INSTANT, nullable=False),
        belongs("check_in_plans", "chosen_by_id"),
        belongs("check_in_plans", "participant_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_in_plans")),
        sa.UniqueConstraint("key", name=op.f("uq_check_in_plans_key")),
    )
    op.create_index(
        op.f("ix_check_in_plans_participant_id_chosen_at"), "check_in_plans", ["participant_id", "chosen_at"]
    )
    op.create_table(
        "measure_entries",
        sa.Column("participant_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("slug", sa.String(40), nullable=False),
        sa.Column("instrument_version", sa.String(20), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("mode", sa.String(9), nullable=False),
        sa.Column("entered_by_id", sa.Integer(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("prorated", sa.Boolean(), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("band", sa.String(80), nullable=True),
        sa.Column("for_day", sa.Date(), nullable=False),
        sa.Column("entered_at", INSTANT, nullable=False),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("seconds_taken", sa.Integer(), nullable=True),
        sa.CheckConstraint("mode in ('self', 'clinician')", name=op.f("ck_measure_entries_mode")),
        sa.CheckConstraint("seconds_taken >= 0", name=op.f("ck_measure_entries_seconds_taken")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_measure_entries_version")),
        belongs("measure_entries", "entered_by_id"),
        belongs("measure_entries", "participant_id"),
        sa.PrimaryKeyConstraint("participant_id", "key", "version", name=op.f("pk_measure_entries")),
    )
    op.create_index(
        op.f("ix_measure_entries_participant_id_slug_entered_at"),
        "measure_entries",
        ["participant_id", "slug", "entered_at"],
    )
    op.create_table(
        "measure_plans",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(22), nullable=False),
        sa.Column("participant_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(40), nullable=False),
        sa.Column("every", sa.String(10), nullable=False),
        sa.Column("chosen_by_id", sa.Integer(), nullable=False),
        sa.Column("chosen_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "every in ('once', 'weekly', 'two_weeks', 'monthly', 'one_to_one', 'never')",
            name=op.f("ck_measure_plans_every"),
        ),
        belongs("measure_plans", "chosen_by_id"),
        belongs("measure_plans", "participant_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measure_plans")),
        sa.UniqueConstraint("key", name=op.f("uq_measure_plans_key")),
    )
    op.create_index(
        op.f("ix_measure_plans_participant_id_slug_chosen_at"),
        "measure_plans",
        ["participant_id", "slug", "chosen_at"],
    )


def belongs(table: str, column: str, other: str = "accounts") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))


def downgrade() -> None:
    for table in ("measure_plans", "measure_entries", "check_in_plans"):
        op.drop_table(table)
    for table, columns in NEW.items():
        for name, _, _ in columns:
            op.drop_column(table, name)
