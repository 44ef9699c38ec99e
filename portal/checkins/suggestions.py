"""One thing to do after a check-in: rules in their order, of which the first that is met decides."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from portal import words
from portal.checkins.check_in_versions import CheckInVersion
from portal.exercises import EXERCISES
from portal.exercises.worked import RULE, WorkedExercise, to_offer

STRONG = 7  # of urges and anxiety
LOW = 3  # of mood
SHORT_NIGHT = 4  # hours; the caseload looks at sleep under it, too
NAMED = 3  # times that a skill helped, from which on it is offered

# The words for the answers that meet a rule; None where it is not met.
Met = Callable[[CheckInVersion], str | None]


@dataclass(frozen=True, slots=True)
class NamedSkill:
    """A skill that somebody named in `times` of the last `asked` check-ins that asked `question`.

    `exercise` is the slug of the exercise that it is, if it is one.
    """

    name: str
    times: int
    asked: int
    question: str
    exercise: str = ""

    @property
    def words(self) -> str:
        return words.closed(f"You named it in {self.times} of your last {self.asked} answers to “{self.question}”")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One thing to do, with the answers that it comes from. `exercise` is a slug, and `later` that of one for when
    things are steady again.

    `rule` says when it comes, and `source` on what it rests.
    """

    title: str
    words: str
    rule: str
    source: str
    steps: tuple[str, ...] = ()
    exercise: str = ""
    later: str = ""
    opens_plan: bool = False


@dataclass(frozen=True, slots=True)
class SuggestionRule:
    """One row of the table: the suggestion `gives`, in whose words {answers} are those that meet it.

    `any_day` holds for a check-in of yesterday, too. With `without_skill` a skill that the person named takes the place
    of the title, and those words stand where there is none.
    """

    met: Met
    gives: Suggestion
    any_day: bool = False
    without_skill: str = ""

    def suggest(self, answers: str, skill: NamedSkill | None) -> Suggestion:
        """The thing to do for these answers."""
        given = replace(self.gives, words=self.gives.words.format(answers=answers))
        if not self.without_skill:
            return given
        given = replace(given, words=f"{given.words} {skill.words if skill else self.without_skill}")
        return replace(given, title=skill.name, exercise=skill.exercise) if skill else given


def _said_yes(**told: str) -> Met:
    """A yes to one of these items, in the words of the first of them."""
    return lambda entry: next((said for item, said in told.items() if entry.given(item) == "yes"), None)


def _strong_urges(kind: str) -> Met:
    """Urges of this `kind` (portal.checkins.sets.Question)."""

    def met(entry: CheckInVersion) -> str | None:
        asked = entry.asked_by.by_id.get("urges")
        is_strong = entry.urges is not None and entry.urges >= STRONG
        return f"your urges at {entry.urges}" if asked and is_strong and asked.urge == kind else None

    return met


def _own_words(least: int, *, self_harm: bool) -> Met:
    """An urge that has a name, of hurting oneself or another target."""

    def met(entry: CheckInVersion) -> str | None:
        if not entry.answers:
            return None
        for one in entry.questions:
            number = entry.given(one.id)
            is_asked = one.help_from is not None if self_harm else one.kind == "target" and not one.self_harm
            if is_asked and number is not None and number >= least:
                return f"“{one.short}” at {number}"
        return None

    return met


def _high_anxiety(entry: CheckInVersion) -> str | None:
    strong = entry.anxiety is not None and entry.anxiety >= STRONG
    return f"your anxiety at {entry.anxiety}" if strong else None


def _low_mood(entry: CheckInVersion) -> str | None:
    return f"your mood at {entry.mood}" if entry.mood <= LOW else None


def _short_night(entry: CheckInVersion) -> str | None:
    short = entry.sleep_hours is not None and entry.sleep_hours < SHORT_NIGHT
    return f"{entry.sleep_hours:g} h" if short else None


AGREED = (
    "You put {answers}. If you and your therapist agreed on something for it, do that and no more. If not, write down "
    "when it came and how strong it was, and show that to your therapist."
)
SURFING = (
    "Urge surfing, from the work of Alan Marlatt. A review of mindfulness programs found a small effect on craving and "
    "no clear effect on return to use."
)
RULES = (
    SuggestionRule(
        met=_said_yes(substance_use="drank or used", acted="acted on an urge"),
        gives=Suggestion(
            title="The next 24 hours",
            words="You told us that you {answers}. Thank you for saying so. These four things come first.",
            steps=(
                "Are you safe right now? If someone may have overdosed, or you feel very ill, call 911.",
                "If it was drugs: after a break, the body can handle less than before, so the old amount can kill. "
                "Keep naloxone near you. It can reverse an opioid overdose.",
                "Tell one person today. It can be someone you trust, or us.",
                "Come to your next group. You do not need to explain first.",
            ),
            rule="A yes to drinking or using, or to acting on an urge, comes before all other answers.",
            source="A plan for the first 24 hours is part of return-to-use prevention, from the work of Alan Marlatt. "
            "Calling 911, and naloxone: SAMHSA’s Opioid Overdose Prevention Toolkit. What a break does: AHRQ’s "
            "playbook on medicines for opioid use disorder.",
            later="link-by-link",
            opens_plan=True,
        ),
        any_day=True,
    ),
    SuggestionRule(
        met=_own_words(1, self_harm=True),
        gives=Suggestion(
            title="People before exercises",
            words="You put {answers}. You do not have to sit through that alone. Open your safety plan, or call or "
            "text 988 at any hour.",
            rule="An urge of 1 or more to hurt yourself brings your safety plan and people, never an exercise to do "
            "alone.",
            source="Safety planning, after Stanley and Brown (2012): a written list of what helps and who to call.",
            opens_plan=True,
        ),
        any_day=True,
    ),
    SuggestionRule(
        met=_strong_urges(""),
        gives=Suggestion(
            title="Talk to someone first",
            words="You put {answers}. If it is an urge to hurt yourself, call or text 988 at any hour. For another "
            "urge, do what you and your therapist agreed on.",
            rule=f"Urges of {STRONG} or more. They may be to hurt yourself, so we offer no exercise to do alone.",
            source="As for an urge to hurt yourself.",
            opens_plan=True,
        ),
    ),
    SuggestionRule(
        met=_strong_urges("ritual"),
        gives=Suggestion(
            title="Keep to what you agreed on",
            words=AGREED,
            rule=f"Urges to do a ritual of {STRONG} or more. You and your therapist choose which ones to sit with, so "
            "we offer no exercise.",
            source="Exposure and response prevention, as it is taught: you agree with your therapist on every step.",
        ),
    ),
    SuggestionRule(
        met=_strong_urges("use"),
        gives=Suggestion(
            title="",
            words="You put {answers}. Watching an urge to drink or use rise and fall can help.",
            exercise="the-wave",
            rule=f"Urges to drink or use of {STRONG} or more.",
            source=SURFING,
        ),
    ),
    SuggestionRule(
        met=_strong_urges("own"),
        gives=Suggestion(
            title="",
            words="You put {answers}. If it is an urge to drink or use, watching it rise and fall can help. For an "
            "urge to do a ritual, keep to what you and your therapist agreed on. For an urge to hurt yourself, call "
            "or text 988.",
            exercise="the-wave",
            rule=f"Urges of {STRONG} or more. Only you know which kind yours are, so we say which one this is for.",
            source=SURFING,
        ),
    ),
    SuggestionRule(
        met=_own_words(STRONG, self_harm=False),
        gives=Suggestion(
            title="Keep to what you agreed on",
            words=AGREED,
            rule=f"Your own target at {STRONG} or more. You and your therapist know what it needs, so we offer no "
            "exercise.",
            source="As for urges to do a ritual, since it may be one.",
        ),
    ),
    SuggestionRule(
        met=_high_anxiety,
        gives=Suggestion(
            title="",
            words="You put {answers}. A longer breath out can help.",
            exercise="slow-breath",
            rule=f"Anxiety of {STRONG} or more.",
            source="Slow breathing at about six breaths a minute, with a longer breath out, is taught in many "
            "therapies.",
        ),
    ),
    SuggestionRule(
        met=_low_mood,
        gives=Suggestion(
            title="One small act",
            words="You put {answers}. One small thing can be a start, even while you feel low.",
            rule=f"A mood of {LOW} or less. A skill that you often named comes first.",
            source="Behavioral activation: low mood makes a day smaller, and a small act can come before you feel "
            "like it.",
        ),
        without_skill="Warm some soup, or text one person.",
    ),
    SuggestionRule(
        met=_short_night,
        gives=Suggestion(
            title="Tonight, keep to a steady hour",
            words="You slept {answers}. Going to bed and getting up at the same time each day can help sleep. If short "
            "nights continue, tell your team.",
            rule=f"Sleep under {SHORT_NIGHT} hours.",
            source="Sleep hygiene tips of the CDC.",
        ),
    ),
)
NO_RULE = f"No other rule was met. This is the skill that you named most, and at least {NAMED} times."


def suggestion(
    entry: CheckInVersion,
    today: date,
    skill: NamedSkill | None = None,
    worked: Sequence[WorkedExercise] = (),
) -> Suggestion | None:
    """One thing to do after `entry`, by the first of RULES that it meets; else the `skill` that the person often named.

    Where a rule gives an exercise, one that has `worked` for the person comes in its place. None where nothing true
    can be said, and where help comes first: people, and not a suggestion.
    """
    if entry.brings_help:
        return None
    for rule in RULES:
        answers = rule.met(entry) if rule.any_day or entry.for_day == today else None
        if answers:
            return _own_exercise(rule.suggest(answers, skill), rule, answers, worked)
    if skill is None or entry.for_day != today:
        return None
    return Suggestion(skill.name, skill.words, NO_RULE, "Your own answers.", exercise=skill.exercise)


def _own_exercise(
    given: Suggestion, rule: SuggestionRule, answers: str, worked: Sequence[WorkedExercise]
) -> Suggestion | None:
    """The exercise that has worked for the person in place of the one that a rule gives; None for one that they hid."""
    if not rule.gives.exercise:
        return given
    own = to_offer(worked, EXERCISES[rule.gives.exercise].topic)
    if own and own.exercise.slug != given.exercise:
        source = f"{given.source} In its place comes what has worked for you. {RULE}"
        return replace(given, exercise=own.exercise.slug, words=f"You put {answers}. {own.sentence}", source=source)
    is_hidden = any(one.choice == "hidden" and one.exercise.slug == given.exercise for one in worked)
    if is_hidden:
        return None
    return replace(given, words=f"{given.words} {own.sentence}") if own else given
