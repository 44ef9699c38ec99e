"""Filled-in exercises of the demo clinic, by the field names of their definitions. All invented."""

from random import Random
from typing import Any

Answers = dict[str, Any]

THOUGHTS: tuple[Answers, ...] = (
    {
        "situation": "Monday at work. My manager walked past my desk and did not say hello.",
        "feelings": [{"feeling": "Ashamed", "strength": 70}, {"feeling": "Tense", "strength": 55}],
        "thoughts": "She knows I was out sick. She thinks I am lazy. They will let me go.",
        "hottest": "They will let me go.",
        "belief_before": 80,
        "facts_for": "She did not say hello. I missed four days last month.",
        "facts_against": "She was on the phone. She signed my leave herself and wrote 'get well'.",
        "balanced": "She was busy. My job may be fine, and I can ask her instead of guessing.",
        "belief_balanced": 60,
        "belief_after": 35,
        "next_step": "Ask for ten minutes with her this week.",
    },
    {
        "situation": "Sister's kitchen, Sunday. Everyone had a glass in their hand but me.",
        "feelings": [{"feeling": "Left out", "strength": 65}, {"feeling": "Angry", "strength": 30}],
        "thoughts": "I am the broken one in this family. They are all watching me.",
        "hottest": "They are all watching me.",
        "belief_before": 75,
        "facts_for": "My uncle asked twice if I wanted something.",
        "facts_against": "My niece wanted to show me her room. Nobody said a word about my soda.",
        "balanced": "One person asked. The others were glad I came.",
        "belief_balanced": 70,
        "belief_after": 30,
        "next_step": "Bring my own drink next time.",
    },
    {
        "situation": "On the platform. A thought came that I could push someone.",
        "feelings": [{"feeling": "Scared", "strength": 90}],
        "thoughts": "Why would I think that unless I wanted it?",
        "hottest": "I must want it.",
        "belief_before": 60,
        "facts_against": "I stepped back. I felt sick at the idea. I have never hurt anyone.",
        "balanced": "It was a thought. It frightened me because it is the opposite of what I want.",
        "belief_balanced": 55,
        "belief_after": 25,
    },
)

PROBLEMS: tuple[Answers, ...] = (
    {
        "problem": "Two electric bills are unpaid since August. I have not opened the last letter.",
        "goal": "A payment plan I can keep.",
        "by_when": "The end of the month",
        "ideas": [
            {"idea": "Call and ask for a plan", "pros": "Settles it", "cons": "I hate the phone", "doable": "yes"},
            {"idea": "Borrow from my brother", "pros": "Fast", "cons": "We would fight", "doable": "partly"},
            {"idea": "Wait for the tax refund", "pros": "No call", "cons": "Too late", "doable": "no"},
        ],
        "choice": "Call and ask for a plan",
        "plan": "Tuesday at ten, from the kitchen table, with the letter open. My friend sits beside me.",
        "obstacle": "They put me on hold and I hang up.",
        "if_then": "I put it on speaker and fold laundry.",
        "review_day": "Wednesday",
        "done": "yes",
        "helped": 8,
        "learned": "It took eleven minutes. The fear took three weeks.",
    },
    {
        "problem": "My shift ends at 5:30 and group starts at 6, across town.",
        "goal": "Be there by ten past at the latest.",
        "by_when": "Next week",
        "ideas": [
            {"idea": "Ask to start half an hour earlier", "pros": "Simple", "cons": "Have to ask", "doable": "yes"},
            {"idea": "Tell the group leader I run late", "pros": "No stress", "doable": "yes"},
            {"idea": "Change to the morning group", "cons": "I would lose shifts", "doable": "no"},
        ],
        "choice": "Ask to start half an hour earlier",
        "plan": "Thursday after lunch, ask the floor manager.",
        "done": "partly",
        "helped": 6,
    },
)

DRAFT: Answers = {
    "problem": "My cousin texts me every Friday to come out, and I end up going.",
    "goal": "One Friday at home or with someone safe.",
    "by_when": "This Friday",
    "ideas": [
        {"idea": "Answer once, early: not this week", "pros": "Done by noon", "cons": "He will ask why"},
        {"idea": "Be at my sister's by seven", "pros": "Not alone", "doable": "yes"},
    ],
}

PLANS: tuple[Answers, ...] = (
    {
        "signs": "I stop answering texts. I sleep in my clothes. I tell myself nobody would mind.",
        "alone": "Cold water on my face. Walk to the river and back. The blue playlist.",
        "company": [{"who": "The library on the corner"}, {"who": "Sam, from choir", "phone": "(212) 555-0117"}],
        "ask": [{"who": "My sister Inez", "phone": "(212) 555-0188"}, {"who": "Sam", "phone": "(212) 555-0117"}],
        "professionals": [{"who": "Linden Court Program", "phone": "(212) 555-0142"}],
        "safer": "Inez keeps my medicine and gives me three days at a time.",
        "reason": "Inez's boys. The garden in spring.",
    },
    {
        "signs": "Three nights of bad sleep. Picking fights. Thinking everyone is tired of me.",
        "alone": "Shower, then the dog. Count backward from a hundred by sevens.",
        "company": [{"who": "The diner with the big windows"}, {"who": "My neighbor"}],
        "ask": [{"who": "My brother", "phone": "(212) 555-0163"}],
        "professionals": [{"who": "Linden Court Program", "phone": "(212) 555-0142"}],
        "safer": "Nothing to drink in the apartment. My brother has the key to the basement.",
    },
)

URGES = ("To drink", "To use", "To go back to the bar", "To call my old dealer", "To smoke")
RITUALS = ("To check the stove again", "To wash again", "To ask if it is safe", "To turn around and look")
HELPED = ("Standing by the open window", "Counting my breaths", "Thinking of tomorrow morning", "Holding ice")


def wave(rng: Random, urges: tuple[str, ...]) -> Answers:
    """An urge ridden out, more often than not."""
    before = rng.randrange(5, 10)
    return {
        "urge": rng.choice(urges),
        "before": before,
        "body": rng.sample(("chest", "stomach", "throat", "jaw", "hands", "legs"), rng.randrange(1, 4)),
        "minutes": rng.choice(("5", "10", "10", "20")),
        "after": max(0, before - rng.randrange(0, 6)),
        "acted": rng.choice(("no", "no", "no", "no", "partly", "yes")),
        "helped": rng.choice(HELPED),
    }


def breath(rng: Random) -> Answers:
    """Three minutes of slow breathing."""
    before = rng.randrange(2, 7)
    return {
        "before": before,
        "pace": rng.choice(("4-6", "4-6", "4-8", "5-5")),
        "after": min(10, before + rng.randrange(0, 4)),
        "helped": rng.choice(("helped", "a_little", "a_little", "not_today")),
    }
