"""The search finds what people mean, in the words that they type, spelled as they spell them."""

import pytest

from portal.learn import search

QUERIES = {  # as people type them: what must be among the first three
    "cant sleep": "same-morning",
    "insomnia": "same-morning",
    "slep": "same-morning",
    "tired all the time": "same-morning",
    "panick": "burnt-toast",
    "panic attack": "burnt-toast",
    "anxeity": "burnt-toast",
    "heart racing": "burnt-toast",
    "why am i so nervous": "burnt-toast",
    "craving": "waves",
    "cravings wont stop": "waves",
    "urge to use": "waves",
    "urge": "the-wave",
    "ride the wave": "the-wave",
    "OCD checking": "false-alarms",
    "ocd": "false-alarms",
    "intrusive thoughts": "false-alarms",
    "handwashing": "false-alarms",
    "i drank": "the-day-after",
    "relapse": "the-day-after",
    "i slipped last night": "the-day-after",
    "used again": "the-day-after",
    "sober friends": "good-company",
    "aa meetings": "good-company",
    "triggers": "people-and-places",
    "old friends who use": "people-and-places",
    "dopamine": "steam-heat",
    "what does meth do to my brain": "steam-heat",
    "suboxone": "questions-to-ask",
    "medication side effects": "questions-to-ask",
    "meds": "questions-to-ask",
    "depression": "feet-first",
    "depressed": "feet-first",
    "no motivation": "feet-first",
    "worry": "later-list",
    "overthinking": "later-list",
    "worrying at night": "later-list",
    "worry time": "set-a-time",
    "anger": "more-than-fine",
    "so mad": "more-than-fine",
    "emotions": "more-than-fine",
    "overwhelmed": "the-next-hour",
    "crisis": "the-next-hour",
    "trauma": "here-and-now",
    "ptsd": "here-and-now",
    "flashbacks": "here-and-now",
    "grounding": "five-senses",
    "breathing": "slow-breath",
    "breathe": "slow-breath",
    "mindfullness": "one-thing",
    "meditation": "one-minute",
    "how to say no": "the-ask",
    "my boss": "the-ask",
    "boundaries": "the-ask",
    "mom doesnt get it": "at-your-side",
    "family": "at-your-side",
    "negative thoughts": "notice-and-weigh",
    "catastrophizing": "shortcuts",
    "rent problem": "six-steps",
    "problem solving": "sorting-it-out",
    "exposure ladder": "the-ladder",
    "facing fears": "step-by-step",
    "exercise": "around-the-block",
    "privacy": "your-rights",
    "who can see what i write": "your-rights",
    "what is iop": "welcome",
    "leaving the program": "packing-list",
    "pros and cons": "four-boxes",
    "not sure i want to quit": "both-sides",
    "relax my muscles": "tense-and-release",
    "plan my week": "plan-a-week",
    "safety plan": "safety-plan",
    "chain analysis": "link-by-link",
}


def first(asked, number=3):
    return [one.address.rpartition("/")[2] for one in search.find(asked).pieces[:number]]


@pytest.mark.parametrize(("asked", "wanted"), QUERIES.items(), ids=list(QUERIES))
def test_what_is_meant_is_among_the_first_three(asked, wanted):
    assert wanted in first(asked), first(asked, 6)


def test_every_piece_is_found_by_its_title():
    lost = [one.title for one in search.index().pieces if one not in search.find(one.title).pieces[:3]]
    assert lost == []


def test_one_wrong_letter_in_a_title_loses_nothing():
    """Rule: one letter left out, doubled or changed, or two that changed places, in the longest word of a title."""
    lost = []
    for one in search.index().pieces:
        longest = max(search.plain(one.title), key=len)
        middle = len(longest) // 2
        typos = {
            longest[:middle] + longest[middle + 1 :],
            longest[:middle] + longest[middle] * 2 + longest[middle + 1 :],
            longest[:middle] + "x" + longest[middle + 1 :],
            longest[: middle - 1] + longest[middle] + longest[middle - 1] + longest[middle + 1 :],
        }
        title = " ".join(search.plain(one.title))
        lost += [typo for typo in typos if one not in search.find(title.replace(longest, typo)).pieces[:3]]
    assert lost == []


def test_case_accents_and_apostrophes_do_not_matter():
    assert first("CAN’T SLEEP") == first("cant sleep") == first("Can't  sléep")


def test_it_finds_while_a_word_is_being_typed():
    assert "one-thing" in first("mindf")


def test_a_meaning_leads_to_words_that_there_are():
    words = search.index().worth
    dead = {
        (said, meant)
        for known in (search.known_words().meanings, search.known_words().phrases)
        for said, all_meant in known.items()
        for meant in all_meant
        if search.stem(meant) not in words
    }
    assert dead == set()
