"""The words that people of the demo clinic write: notes, replies, reasons for changed sessions. All of it invented."""

LOW_NOTES = (
    "Did not get up until noon. Ate some toast. That was the day.",
    "Everything feels far away today. I came home and sat in the dark for a while.",
    "Argued with my brother about money again. I keep going over it.",
    "Hard to write this. I will say more in group.",
    "I cancelled on a friend and now I feel bad about that too.",
    "Woke up at four and could not get back to sleep. My head would not stop.",
    "The landlord called. I let it ring.",
    "Cried on the train. A lady gave me a tissue and did not ask anything, which helped.",
    "I know the skills. Tonight I could not make myself use one.",
    "It is the date my mother died. I forgot to tell you it was coming up.",
    "Work sent another warning letter. I have not opened it.",
    "Nothing happened, really. It is just heavy.",
    "I feel like I am letting the whole group down.",
    "Skipped lunch and dinner. Not on purpose.",
)

MIDDLE_NOTES = (
    "Up and down. Better after the walk.",
    "Group was long but I said one thing out loud.",
    "Did the dishes before bed. Small, but I did it.",
    "Talked to my sister. She is coming to visit.",
    "The bus was late, so I did the breathing at the stop. It was okay.",
    "Not great, not awful. I am tired of being tired.",
    "Wrote down two of the thoughts we talked about.",
    "Had coffee after three again. I know.",
    "Work was busy, which kept my mind off things.",
    "I was nervous about the phone call, and it was over in two minutes.",
    "Tried the worry list. It filled a page, and then I could put it down.",
    "My back hurts and that makes everything shorter.",
    "I nearly did not check in. Here I am.",
    "Sat by the river for a bit. Cold, but good.",
    "Could we talk about sleep on our next one-to-one?",
    "The new dose makes my mouth dry. Otherwise fine.",
)

GOOD_NOTES = (
    "Cooked for the first time in weeks. My son had seconds.",
    "Slept seven hours. Seven.",
    "I laughed in group and it was real.",
    "Walked to the far stop and back. Sun on my face.",
    "Said no to my cousin and nothing fell down.",
    "Finished the book you told me about.",
    "A calm day. I almost do not trust it, but I will take it.",
    "My manager said I seem more like myself.",
    "Played guitar for twenty minutes. Badly. It was fun.",
    "Paid two bills and made the dentist appointment.",
    "In bed by ten, for the first time in a long while.",
    "Helped a neighbor carry her shopping up. Felt useful.",
    "Went back to the choir. They had kept my chair.",
)

URGE_NOTES = (
    "Walked past the old corner. My legs wanted to stop. I kept going and called a friend.",
    "Strong after work, around six. It went down while I was in the shower.",
    "Payday. I gave the card to my wife.",
    "Poured it out before I could think about it. Hands shaking, but I did it.",
    "The urge came with a text from somebody I used to see. I did not answer it.",
)

USE_NOTES = (
    "Two beers at the birthday. I left before the third. I wanted to tell you myself.",
    "I used last night. I am not hiding it. I was alone and it was late.",
    "Had a drink at the airport. Felt awful after. Told my partner.",
    "Smoked with the old crowd. I do not want to talk about it in front of everyone yet.",
)

OCD_NOTES = (
    "Checked the stove once and left. My heart was going all the way to the train.",
    "Touched the handrail, did not wash until dinner. The fear was loud for half an hour, then less.",
    "Asked my husband if it was safe only twice today. Last week I lost count.",
    "The thought came back at church. I let it sit there.",
    "Did step three of the ladder. It was a 60, and a 35 when I stopped.",
    "Stuck at the door this morning. Ten minutes late. But I did not go back in.",
    "I reread one email nine times. Sent it anyway.",
)

SAFETY_NOTES = {
    "yes_safe": "The thoughts came back last night. I stayed at my sister's. I have no plan to do anything.",
    "yes_talk": "I do not want to be alone with this today. Please can somebody call me.",
}

REPLIES = {
    "low": (
        "Thank you for writing on a day like this. Let us look at it together when we meet.",
        "I read this. You do not have to carry it by yourself until group. Call us if it gets heavier.",
        "That sounds hard. Can we start with it next time?",
        "Thank you for telling me. Come as you are.",
    ),
    "middle": (
        "Thank you. I have put this first on our list for next time.",
        "Glad you checked in. That is enough for today.",
        "I am glad you wrote this down. Bring it along if you like.",
        "Up and down is still moving. See you at the next session.",
        "That took some effort on a day like this. I noticed.",
    ),
    "good": (
        "I am happy to read this.",
        "What made that one possible, do you think? Let us find out.",
        "That did not happen by itself. Well done.",
        "Keep this note. It is worth reading on a harder day.",
    ),
    "use": (
        "Thank you for telling us. You are not in trouble. Let us look at what came before it, together.",
        "That took courage to write. Please come in as planned; your place is here.",
    ),
}

FLAG_NOTES = {
    "contacted": "Called at once, spoke for twenty minutes. With family tonight. We talk again tomorrow.",
    "assessed": "Came in before group. Full assessment done. No plan, no intent; has the safety plan along.",
    "plan_reviewed": "Went through the safety plan line by line and changed two names on it. Copy given.",
}

MOVES = (
    "The room is being painted, so we start later.",
    "The group leader has an appointment right before.",
    "The building's heating is being repaired in the early hours.",
    "A fire drill was set for our usual time.",
)

CANCELLATIONS = (
    "The group leader is ill and nobody could step in.",
    "The building is closed for a water leak.",
    "The storm stopped most trains, so nobody should travel.",
)

ELSEWHERE = "Dr Cho is at another office until three."
TRAINING = "Staff training day for the whole team."
HOLIDAY = "The program is closed for the holiday."

REFLECTIONS = {  # by material, each an answer to its question
    "welcome": "To sit through dinner with my family without leaving the table.",
    "your-rights": "What I say about my job.",
    "the-loop": "The body. My jaw knows before I do.",
    "shortcuts": "Mind reading, in my father's voice.",
    "false-alarms": "Are you sure? Are you really sure?",
    "step-by-step": "Ride the train to my niece and back.",
    "people-and-places": "The hour after work, before anyone is home.",
    "waves": "Washing up. I noticed the water, and then that it was gone.",
    "one-thing": "Peeling potatoes on Sunday.",
    "sorting-it-out": "The letters I have not opened.",
}
