"""free text sealed, audit rows chained.

What people wrote is read, sealed with the first of PORTAL_SEAL_KEYS and written back; the audit rows that are there
get their place in the chain. Down again, everything is readable as before.
"""

import json
import secrets

import sqlalchemy as sa
from alembic import op
from flask import current_app

from portal import audit, seal

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# table: sealed column, what it was called before, the columns that name its row, may it be empty, is it JSON
SEALED = {
    "accounts": ("contact", "email", ("key",), False, False),
    "drafts": ("typed", "typed", ("account_id", "address"), False, True),
    "check_ins": ("note", "note", ("participant_id", "key", "version"), True, False),
    "reviews": ("reply", "reply", ("key",), True, False),
    "flags": ("note", "note", ("key",), True, False),
    "practices": ("answers", "answers", ("key",), False, True),
    "readings": ("reflection", "reflection", ("participant_id", "slug"), True, False),
}
PLAIN = {"email": sa.String(254)}

LENGTHS = {  # before, after
    "check_ins": ("note", "length(note) <= 2000", "length(note) <= 8100"),
    "reviews": ("reply", "length(reply) between 1 and 2000", "length(reply) <= 8100"),
}
REFLECTED = "(reflection is null) = (reflected_at is null)"
SQLITE_TRIGGER = (
    "CREATE TRIGGER audit_events_no_{verb} BEFORE {verb} ON audit_events"
    " BEGIN SELECT RAISE(ABORT, 'audit_events is append-only'); END"
)
POSTGRESQL_TRIGGER = (
    "CREATE TRIGGER audit_events_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_events"
    " FOR EACH STATEMENT EXECUTE FUNCTION audit_events_refuse()"
)


def is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def anew(table: str):
    """A batch that writes `table` anew on SQLite, and changes it in place elsewhere."""
    kwargs = {"sqlite_with_rowid": False} if table == "check_ins" else {}
    return op.batch_alter_table(table, recreate="always" if is_sqlite() else "never", table_kwargs=kwargs)


def swap(table: str, old: str, new: str, *, after: bool, may_be_empty: bool, kind) -> None:
    """Put the column `new` in the place of `old`, with the checks that name it."""
    with anew(table) as batch:
        if table in LENGTHS:
            batch.drop_constraint(op.f(f"ck_{table}_{LENGTHS[table][0]}"), type_="check")
        if table == "readings":
            batch.drop_constraint(op.f("ck_readings_reflected"), type_="check")
        batch.drop_column(old)
    final = SEALED[table][0 if after else 1]
    with anew(table) as batch:
        batch.alter_column(new, new_column_name=final, existing_type=kind, nullable=may_be_empty)
    with anew(table) as batch:
        if table in LENGTHS:
            batch.create_check_constraint(op.f(f"ck_{table}_{LENGTHS[table][0]}"), LENGTHS[table][2 if after else 1])
        if table == "readings":
            batch.create_check_constraint(op.f("ck_readings_reflected"), REFLECTED)


def convert(table: str, source: str, target: str, change) -> None:
    """Write `change(place, value)` of each value in the column `source` into `target`."""
    bind = op.get_bind()
    sealed_name, _, row, _, _ = SEALED[table]
    held = sa.Table(table, sa.MetaData(), autoload_with=bind)
    primary = list(held.primary_key.columns)
    value = sa.cast(held.c[source], sa.Text) if change is close and not is_sqlite() else held.c[source]
    value = sa.type_coerce(value, sa.LargeBinary if change is reopen else sa.Text)
    found = bind.execute(
        sa.select(*primary, value, *(held.c[name] for name in row)).where(held.c[source].is_not(None))
    ).all()
    for one in found:
        place = seal.place_of(table, sealed_name, *one[len(primary) + 1 :])
        where = [key == part for key, part in zip(primary, one[: len(primary)], strict=True)]
        bind.execute(sa.update(held).where(*where).values({target: change(place, one[len(primary)])}))


def close(place: str, text: str) -> bytes:
    return current_app.extensions["seal"]["keys"].close(place, text)


def reopen(place: str, sealed: bytes) -> str:
    return current_app.extensions["seal"]["keys"].open(place, sealed)


def reopen_json(place: str, sealed: bytes):
    return json.loads(reopen(place, sealed))


def upgrade() -> None:
    if is_sqlite():
        op.execute("PRAGMA secure_delete = ON")  # what was readable is overwritten where it lay
    seal.hold(op.get_bind())
    find_by_hash()
    for table, (_, before, _, may_be_empty, _) in SEALED.items():
        op.add_column(table, sa.Column("sealed_text", sa.LargeBinary(), nullable=True))
        convert(table, before, "sealed_text", close)
        swap(table, before, "sealed_text", after=True, may_be_empty=may_be_empty, kind=sa.LargeBinary())
    add_settings()
    add_devices()
    chain()
    if not is_sqlite():  # a column that is dropped stays in its rows until they are written anew
        for table in SEALED:
            op.execute(f"CLUSTER {table} USING pk_{table}")


def find_by_hash() -> None:
    bind = op.get_bind()
    new = {"contact_hash": sa.String(64), "mail_ok": sa.Boolean(), "joined_at": sa.DateTime(timezone=True)}
    for name, kind in new.items():
        op.add_column("accounts", sa.Column(name, kind, nullable=True))
    for id_, email in bind.execute(sa.text("select id, email from accounts")).all():
        row = {"hash": seal.index(f"contact:{email}"), "id": id_, "no": False}
        bind.execute(
            sa.text("update accounts set contact_hash = :hash, mail_ok = :no, joined_at = created_at where id = :id"),
            row,
        )
    with anew("accounts") as batch:
        batch.drop_constraint(op.f("uq_accounts_email"), type_="unique")
        batch.alter_column("contact_hash", existing_type=sa.String(64), nullable=False)
        batch.alter_column("mail_ok", existing_type=sa.Boolean(), nullable=False)
        batch.alter_column("password_hash", existing_type=sa.String(200), nullable=True)
        batch.create_unique_constraint(op.f("uq_accounts_contact_hash"), ["contact_hash"])


def add_settings() -> None:
    new = {"shown_as": sa.String(30), "needs_second_factor": sa.Boolean(), "idle_minutes": sa.Integer()}
    for name, kind in new.items():
        op.add_column("programs", sa.Column(name, kind, nullable=True))
    op.get_bind().execute(
        sa.text("update programs set shown_as = 'Foothold', needs_second_factor = :no, idle_minutes = 15"),
        {"no": False},
    )
    with anew("programs") as batch:
        for name, kind in new.items():
            batch.alter_column(name, existing_type=kind, nullable=False)
        batch.create_check_constraint(op.f("ck_programs_idle_minutes"), "idle_minutes between 5 and 30")


STAGES = "stage in ('full', 'second', 'enrol')"
HOW = "how in ('password', 'totp', 'passkey', 'recovery', 'link')"


def add_devices() -> None:
    bind = op.get_bind()
    new = {
        "key": sa.String(22),
        "stage": sa.String(6),
        "how": sa.String(10),
        "shared": sa.Boolean(),
        "device": sa.String(60),
        "confirmed_at": sa.DateTime(timezone=True),
    }
    for name, kind in new.items():
        op.add_column("sign_ins", sa.Column(name, kind, nullable=True))
    bind.execute(
        sa.text(
            "update sign_ins set stage = 'full', how = 'password', shared = :no, device = '', confirmed_at = started_at"
        ),
        {"no": False},
    )
    for (id_,) in bind.execute(sa.text("select id from sign_ins")).all():
        bind.execute(
            sa.text("update sign_ins set key = :key where id = :id"), {"key": secrets.token_urlsafe(16), "id": id_}
        )
    with anew("sign_ins") as batch:
        for name, kind in new.items():
            batch.alter_column(name, existing_type=kind, nullable=False)
        batch.create_unique_constraint(op.f("uq_sign_ins_key"), ["key"])
        batch.create_check_constraint(op.f("ck_sign_ins_stage"), STAGES)
        batch.create_check_constraint(op.f("ck_sign_ins_how"), HOW)


def allow_changes_of_audit_events() -> None:
    if is_sqlite():
        for verb in ("update", "delete"):
            op.execute(f"DROP TRIGGER audit_events_no_{verb}")
    else:
        op.execute("DROP TRIGGER audit_events_no_change ON audit_events")


def refuse_changes_of_audit_events() -> None:
    if is_sqlite():
        for verb in ("update", "delete"):
            op.execute(SQLITE_TRIGGER.format(verb=verb))
    else:
        op.execute(POSTGRESQL_TRIGGER)


def chain() -> None:
    """Number the audit rows anew in their order, and sign each over the one before it."""
    bind = op.get_bind()
    allow_changes_of_audit_events()
    op.add_column("audit_events", sa.Column("mac", sa.String(64), nullable=True))
    events, last_id, mac = audit.AuditEvent.__table__, 0, audit.FIRST_MAC
    for row in bind.execute(sa.select(events).order_by(events.c.id)).mappings().all():
        values = dict(row) | {"id": (last_id := last_id + 1)}
        values["mac"] = mac = audit.mac_of(values, mac, seal.inner(seal.AUDIT))
        bind.execute(sa.update(events).where(events.c.id == row["id"]).values(values))
    bind.execute(sa.insert(audit.AuditHead.__table__).values(id=1, last_id=last_id, mac=mac, broken_at=None))
    with anew("audit_events") as batch:
        for name in ("actor_id", "participant_id"):
            batch.drop_constraint(op.f(f"fk_audit_events_{name}_accounts"), type_="foreignkey")
        batch.alter_column("mac", existing_type=sa.String(64), nullable=False)
    refuse_changes_of_audit_events()


def downgrade() -> None:
    seal.hold(op.get_bind())
    allow_changes_of_audit_events()
    with anew("audit_events") as batch:
        batch.drop_column("mac")
        for name in ("actor_id", "participant_id"):
            batch.create_foreign_key(op.f(f"fk_audit_events_{name}_accounts"), "accounts", [name], ["id"])
    refuse_changes_of_audit_events()
    op.execute("delete from audit_heads")
    with anew("sign_ins") as batch:
        batch.drop_constraint(op.f("uq_sign_ins_key"), type_="unique")
        batch.drop_constraint(op.f("ck_sign_ins_stage"), type_="check")
        batch.drop_constraint(op.f("ck_sign_ins_how"), type_="check")
        for name in ("key", "stage", "how", "shared", "device", "confirmed_at"):
            batch.drop_column(name)
    with anew("programs") as batch:
        batch.drop_constraint(op.f("ck_programs_idle_minutes"), type_="check")
        for name in ("shown_as", "needs_second_factor", "idle_minutes"):
            batch.drop_column(name)
    for table, (column, before, _, may_be_empty, is_json) in SEALED.items():
        kind = sa.JSON() if is_json else PLAIN.get(before, sa.Text())
        op.add_column(table, sa.Column("plain_text", kind, nullable=True))
        convert(table, column, "plain_text", reopen_json if is_json else reopen)
        swap(table, column, "plain_text", after=False, may_be_empty=may_be_empty, kind=kind)
    op.execute("update accounts set password_hash = '' where password_hash is null")
    with anew("accounts") as batch:
        batch.drop_constraint(op.f("uq_accounts_contact_hash"), type_="unique")
        for name in ("contact_hash", "mail_ok", "joined_at"):
            batch.drop_column(name)
        batch.alter_column("password_hash", existing_type=sa.String(200), nullable=False)
        batch.create_unique_constraint(op.f("uq_accounts_email"), ["email"])
