"""The row of the clinic's program: its name, its hours, and the settings its people agreed on."""

from datetime import time

from sqlalchemy import JSON, CheckConstraint, String, Time
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base

COUNTED_KINDS = ("group", "one_to_one", "family")


class Program(Base):
    """The one row of the one program that this installation serves.

    `urgent_minutes` and `same_day_minutes` are the working minutes after which a safety flag of that tier, about
    which nobody did anything, goes to somebody else too. Nothing that raises a flag is asked unless `asks_safety`.
    `open_days` holds weekday numbers (0 is Monday), `holidays` ISO dates on which nobody is in,
    `counted_kinds` the session kinds that count toward the weekly hours. `shown_as` is what titles, mail and the
    home screen of a phone call the portal: it says nothing about health. Staff always need a second factor;
    `needs_second_factor` asks it of participants too. `idle_minutes` is how long a participant's quiet browser
    stays signed in. `directions` say how to find the door. `question_set` is what check-ins ask unless
    a therapist chose another, `turned_on` the instruments with terms of their own that the program accepted, and
    `measures` how often each is asked of everyone (instrument: a key of measures.EVERY).
    """

    __tablename__ = "programs"

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    name: Mapped[str] = mapped_column(String(80))
    phone: Mapped[str] = mapped_column(String(40))
    address: Mapped[str] = mapped_column(String(200), default="")
    zone: Mapped[str] = mapped_column(String(64))
    opens: Mapped[time] = mapped_column(Time, default=time(8))
    closes: Mapped[time] = mapped_column(Time, default=time(17))
    open_days: Mapped[list[int]] = mapped_column(JSON, default=lambda: [0, 1, 2, 3, 4])
    holidays: Mapped[list[str]] = mapped_column(JSON, default=list)
    urgent_minutes: Mapped[int] = mapped_column(default=30)
    same_day_minutes: Mapped[int] = mapped_column(default=120)
    asks_safety: Mapped[bool] = mapped_column(default=False)
    counted_kinds: Mapped[list[str]] = mapped_column(JSON, default=lambda: list(COUNTED_KINDS))
    exit_site: Mapped[str] = mapped_column(String(200), default="https://www.weather.gov/")
    is_demo: Mapped[bool] = mapped_column(default=False)
    shown_as: Mapped[str] = mapped_column(String(30), default="Foothold")
    needs_second_factor: Mapped[bool] = mapped_column(default=False)
    idle_minutes: Mapped[int] = mapped_column(default=15)
    directions: Mapped[str] = mapped_column(String(500), default="")
    question_set: Mapped[str] = mapped_column(String(40), default="daily")
    turned_on: Mapped[list[str]] = mapped_column(JSON, default=list)
    measures: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)

    __table_args__ = (
        CheckConstraint("id = 1", name="only_one"),
        CheckConstraint("urgent_minutes between 1 and 1440", name="urgent_minutes"),
        CheckConstraint("same_day_minutes between 1 and 1440", name="same_day_minutes"),
        CheckConstraint("opens < closes", name="hours"),
        CheckConstraint("idle_minutes between 5 and 30", name="idle_minutes"),
    )
