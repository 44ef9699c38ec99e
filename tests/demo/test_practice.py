"""The demo's filled-in exercises answer the questions that the definitions ask."""

from random import Random

import pytest

from portal import library
from portal.demo import practice
from portal.demo.practice import REFLECTIONS, URGES, WORKSHEETS
from portal.exercises import EXERCISES

PAPERS = [
    *(("notice-and-weigh", answers) for answers in WORKSHEETS["thoughts"]),
    *(("six-steps", answers) for answers in (*WORKSHEETS["problems"], *WORKSHEETS["drafts"])),
    *(("safety-plan", answers) for answers in WORKSHEETS["safety_plans"]),
    *(("the-wave", practice.wave(Random(seed), URGES["urges"])) for seed in range(8)),
    *(("slow-breath", practice.breath(Random(seed))) for seed in range(8)),
]


def faults(fields, answers):
    known = {field.name: field for field in fields}
    for name in answers.keys() - known:
        yield f"nobody asks for {name}"
    for name, field in known.items():
        value = answers.get(name)
        if value is None:
            if field.required:
                yield f"{name} is needed"
        elif field.kind == "rows":
            for row in value:
                yield from faults(field.fields, row)
        elif field.kind in ("rating", "suds"):
            if value not in range(11 if field.kind == "rating" else 101):
                yield f"{name} is out of range"
        elif field.choices:
            if not set(value if field.kind == "many" else [value]) <= set(field.choices):
                yield f"{name} is not a choice"
        elif not isinstance(value, str) or not value:
            yield f"{name} is no text"


@pytest.mark.parametrize(("slug", "answers"), PAPERS)
def test_every_answer_fits_its_question(slug, answers):
    assert list(faults(EXERCISES[slug].asked, answers)) == []


def test_every_reflection_is_on_a_material_that_there_is():
    assert set(REFLECTIONS) <= set(library.MATERIALS)
