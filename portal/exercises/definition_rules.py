"""The rules that an exercise file keeps, in words for whoever writes one."""

from portal import content
from portal.content import TOPICS
from portal.drafts.forms import Form
from portal.exercises.definition import MOST_ROWS, WITHOUT_ANSWER, Condition, Exercise, Field

IN_ROWS = ("text", "long_text", "choice", "rating", "suds", "date", "phone")
OF_ROWS = ("rows", "week")
KINDS = (*IN_ROWS, *OF_ROWS, "many", "timer", "computed", "section")
WITH_CHOICES = ("choice", "many", "timer")
SHAPES = ("wave", "breath", "steps")
COMPUTED = ("difference", "sum", "highest", "count")
LONGEST_STEP = 1200
# A field's name is also an attribute of its form and an id of the page, where these mean something else.
HIDDEN = {"key", "action", "csrf_token", "whose", "made", "change", "step"}
RESERVED = {*HIDDEN, "meta", "form_errors", "main", "help", "practice", *dir(Form)}


def check_exercise(exercise: Exercise) -> None:
    """Raise ContentFault for the first rule that an exercise does not keep."""
    content.check(exercise, EXERCISE)
    content.once("field", [field.name for field in exercise.fields if field.name])
    _check(exercise.fields)
    for number, field in enumerate(exercise.fields):
        _check_uses(field, exercise.fields[:number])
    _check_branches(exercise.fields)
    for role in ("before", "after"):
        if len([field for field in exercise.asked if field.role == role]) > 1:
            raise content.ContentFault(f"two fields have the role {role}")


def _check(fields: tuple[Field, ...], rules: content.Rules | None = None) -> None:
    for field in fields:
        content.check(field, rules or RULES, f"field {field.name or field.label!r} ")
        for step in field.steps:
            content.check(step, STEP, f"field {field.name}: a step ")
            if unknown := set(step.only) - set(field.choices or {}):
                raise content.ContentFault(f"field {field.name}: no choice is called {min(unknown)!r}", step.line)
        _check(field.fields, {**RULES, **IN_ROWS_TOO})
        content.once("column", [column.name for column in field.fields])


def _check_uses(field: Field, earlier: tuple[Field, ...]) -> None:
    """Raise unless what a field depends on, or adds up, was asked before it."""
    known = {one.name: one for one in earlier if one.name}
    named = [*field.uses, *([field.when.answer] if field.when else [])]
    if unknown := [name for name in named if name not in known]:
        where = f"field {field.name or field.label!r} "
        raise content.ContentFault(f"{where}uses {unknown[0]!r}, which is not asked before it", field.line)
    if wrong := [name for name in field.uses if not _adds_up(known[name], field.how)]:
        raise content.ContentFault(
            f"field {field.label!r} uses {wrong[0]!r}, which is no number to {field.how}", field.line
        )
    if field.when and known[field.when.answer].when and field.kind != "section":
        raise content.ContentFault(
            f"field {field.name or field.label!r} depends on one that depends itself", field.line
        )
    if field.when and not _can_hold(field.when, known[field.when.answer]):
        raise content.ContentFault(f"field {field.name or field.label!r} would never be asked", field.when.line)


def _adds_up(asked: Field, how: str) -> bool:
    """Whether the answer of a field can be used in a computed line of this kind: a number, or the rows to count."""
    if how == "count":
        return asked.kind == "rows"
    numbers = asked.kind == "choice" and all(value.isascii() and value.isdecimal() for value in asked.choices or {})
    return asked.kind in ("rating", "suds") or numbers


def _check_branches(fields: tuple[Field, ...]) -> None:
    """Raise unless all that depend on one answer depend on it alike: they stand in one branch below it."""
    first: dict[str, Condition] = {}
    for field in fields:
        if field.when and field.kind != "section":
            held = first.setdefault(field.when.answer, field.when)
            if (held.among, held.at_least) != (field.when.among, field.when.at_least):
                raise content.ContentFault(
                    f"field {field.name} depends on other answers than those before it", field.line
                )


def _can_hold(condition: Condition, asked: Field) -> bool:
    if condition.at_least is not None:
        most = {"rating": 10, "suds": 100}.get(asked.kind, -1)
        return not condition.among and 0 <= condition.at_least <= most
    return (
        bool(condition.among) and asked.kind in ("choice", "many") and set(condition.among) <= set(asked.choices or {})
    )


EXERCISE: content.Rules = {
    "there is nothing to answer: give it fields": lambda one: one.asked,
    f"topic should be one of {', '.join(TOPICS)}, not {{0.topic!r}}": lambda one: one.topic in TOPICS,
    "minutes should be 1 or more": lambda one: one.minutes >= 1,
    "version should be 1 or more": lambda one: one.version >= 1,
    "should begin with a section, since it goes by steps": lambda one: (
        not one.by_step or one.fields[0].kind == "section"
    ),
    "should have more than one section, since it goes by steps": lambda one: (
        not one.by_step or len([field for field in one.fields if field.kind == "section"]) > 1
    ),
    "better should be down or up, not {0.better!r}": lambda one: one.better in ("down", "up"),
    "caution should name its reasons": lambda one: not one.caution or (one.caution.words and one.caution.reasons),
}
RULES: content.Rules = {
    "has the unknown kind {0.kind!r}": lambda one: one.kind in KINDS,
    "should have a name": lambda one: one.kind in WITHOUT_ANSWER or one.name,
    "should not have a name": lambda one: one.kind != "section" or not one.name,
    "should have a label": lambda one: one.label.strip(),
    "should have a name of letters and underscores": lambda one: (
        not one.name or (one.name.isidentifier() and one.name.isascii() and not one.name.startswith("_"))
    ),
    "needs another name: this one is taken": lambda one: one.name not in RESERVED,
    f"should have choices if it is one of {', '.join(WITH_CHOICES)}, and none otherwise": lambda one: (
        (one.kind in WITH_CHOICES) == bool(one.choices) or (one.kind == "choice" and one.drawn_from)
    ),
    'should have choices like {{"value": "Words"}}, in quotation marks': lambda one: (
        isinstance(one.choices or {}, dict)
        and all(part and isinstance(part, str) for pair in (one.choices or {}).items() for part in pair)
    ),
    "should draw its choices from one place": lambda one: (
        not one.drawn_from or (one.kind == "choice" and not one.choices and one.drawn_from.count(".") == 2)
    ),
    f"should have fields of its own if its kind is one of {', '.join(OF_ROWS)}, and none otherwise": lambda one: (
        (one.kind in OF_ROWS) == bool(one.fields)
    ),
    f"should begin with 1 to {MOST_ROWS} rows": lambda one: 1 <= one.rows <= MOST_ROWS,
    "can need approval only if its kind is rows": lambda one: not one.approval or one.kind == "rows",
    f"should have a shape ({', '.join(SHAPES)}) if it is a timer, and none otherwise": lambda one: (
        (one.kind == "timer") == (one.shape in SHAPES) and (one.kind == "timer" or not one.shape)
    ),
    "is set to {0.set_to!r}, which is no choice of a timer": lambda one: (
        not one.set_to or (one.kind == "timer" and one.set_to in one.choices)
    ),
    "should have steps if its shape is steps, and none otherwise": lambda one: (
        (one.shape == "steps") == bool(one.steps)
    ),
    f"should say how ({', '.join(COMPUTED)}) and what it uses if it is computed": lambda one: (
        (one.kind == "computed") == (one.how in COMPUTED and bool(one.uses))
    ),
    "cannot be required: it takes no answer": lambda one: not one.required or one.kind not in WITHOUT_ANSWER,
    "cannot be folded: it is required": lambda one: not (one.folded and one.required),
    "has the unknown role {0.role!r}": lambda one: (
        one.role in (("", "before", "after") if one.kind in ("rating", "suds") else ("",))
    ),
}
STEP: content.Rules = {
    "has no words": lambda one: one.words.strip(),
    f"should last 0 to {LONGEST_STEP} seconds, not {{0.seconds}}": lambda one: 0 <= one.seconds <= LONGEST_STEP,
}
IN_ROWS_TOO: content.Rules = {
    "has the unknown kind {0.kind!r}": lambda one: one.kind in IN_ROWS,
    "cannot be required: a row may be left empty": lambda one: not one.required,
    "cannot be folded or depend on an answer: it is a column": lambda one: not (one.folded or one.when),
    "cannot draw its choices from elsewhere: it is a column": lambda one: not one.drawn_from,
    "has the unknown role {0.role!r}": lambda one: not one.role,
}
