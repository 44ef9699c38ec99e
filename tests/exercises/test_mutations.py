"""Definition files that were changed at random: each loads, or is refused in words that name the file and a line."""

import re
from random import Random

import pytest

from portal import content
from portal.exercises.definition_files import FOLDER, load
from portal.exercises.definition_rules import KINDS

SOURCES = {path.name: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.md"))}
ALONE = {  # each without what it leads to next, so that a changed file needs no more than its neighbors
    name: re.sub(r"^(next|caution|  words|  reasons|  instead):.*\n", "", text, flags=re.MULTILINE)
    for name, text in SOURCES.items()
}
PARTS = (
    *(f"kind: {kind}" for kind in KINDS),
    *("required: true", "folded: true", "approval: true", "rows: 0", "rows: 99", "role: before", "shape: wave"),
    *("name: key", "name: 1", "label: ''", "choices: {a: A}", "choices: [a]", "choices: {}", "uses: [nothing]"),
    *("when: {answer: nothing, among: [a]}", "drawn_from: a.b.c", "how: sum", "steps: [{words: ''}]", "topic: food"),
    *("minutes: -1", "version: x", "related: [moon]", "next: [moon]", "by_step: true", "living: maybe", "{", "}", "- "),
    *("!!python/object:os.system", "&a [*a]", "2026-02-30", "\x00", "\u2028", "\t"),
)


def mutated(rng: Random, text: str) -> str:
    """The text with one to three changes of any kind in its front matter, or at its edge."""
    for _ in range(rng.randint(1, 3)):
        lines = text.split("\n")
        at = rng.randrange(max(1, min(len(lines), 40)))
        line, part = lines[at], rng.choice(PARTS)
        lines[at] = rng.choice(
            (
                "",
                part,
                line + line,
                line[: rng.randrange(len(line) + 1)],
                line.replace(",", "", 1),
                line.replace(": ", ": [", 1),
                line.replace("{kind", f"{{{part}, kind", 1),
                line.replace("}", f", {part}}}", 1),
                line.replace('"', "", 1),
                line.lower(),
            )
        )
        if rng.random() < 0.1:
            rng.shuffle(lines)
        text = "\n".join(lines)
    return text


@pytest.mark.parametrize("count", [400, pytest.param(10_000, marks=pytest.mark.full)])
def test_a_changed_file_loads_or_is_refused_with_its_name_and_line(tmp_path, count):
    rng, refused = Random(count), 0
    for number in range(count):
        source = rng.choice(sorted(SOURCES))
        changed = mutated(rng, SOURCES[source])
        path = tmp_path / source
        path.write_text(changed, encoding="utf-8", newline="")
        near = [name for name in SOURCES if name != source and name.removesuffix(".md") in SOURCES[source]]
        for name in near:
            (tmp_path / name).write_text(ALONE.get(name, SOURCES[name]), encoding="utf-8")
        try:
            load(tmp_path)
        except content.ContentError as error:
            refused += 1
            assert f"{tmp_path.name}/" in str(error), f"{number}: {error}"
            assert ".md: " in str(error), f"{number}: {error}"
            assert "line " in str(error), f"{number}: {error}\n{changed}"
        for each in tmp_path.iterdir():
            each.unlink()
    assert refused > count // 3, "the changes did not hit what is checked"
