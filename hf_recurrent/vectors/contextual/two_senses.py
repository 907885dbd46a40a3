"""Sentences in which a word has one of two senses, written for this package."""

from .senses import SenseRow

_SENTENCES = {
    ("bank", "money"): (
        "She put her savings into the bank last week.",
        "The bank lent him money for a new house.",
        "He opened an account at the bank in town.",
        "The bank raised its interest on all loans.",
    ),
    ("bank", "river"): (
        "They sat on the bank of the river and fished.",
        "The boat was tied to a tree on the muddy bank.",
        "Tall grass grew along the bank of the stream.",
        "The flood carried away a part of the bank.",
    ),
    ("bat", "animal"): (
        "A bat flew out of the dark cave at night.",
        "The bat hung from the roof and slept.",
        "The wings of a bat are made of thin skin.",
        "The hungry bat caught insects in the air.",
    ),
    ("bat", "club"): (
        "He swung the bat and hit the ball hard.",
        "The player broke his bat in the second game.",
        "She held the wooden bat with both hands.",
        "The boy bought a new bat for the match.",
    ),
    ("spring", "season"): (
        "In spring the trees are green again.",
        "The birds come back every spring from the south.",
        "They were married in the spring of that year.",
        "After a cold spring came a hot summer.",
    ),
    ("spring", "water"): (
        "They drank cold water from the spring.",
        "The spring rises among the rocks of the hill.",
        "A clear spring feeds the small lake.",
        "The soldiers filled their bottles at the spring.",
    ),
    ("letter", "mail"): (
        "She wrote a long letter to her mother.",
        "The letter came by post from her brother.",
        "He read the letter and put it into his pocket.",
        "A servant brought the letter to the prince.",
    ),
    ("letter", "alphabet"): (
        "The first letter of the alphabet is an A.",
        "The child could not write a single letter.",
        "Each word on the sign begins with a capital letter.",
        "The letter Q is rare in English words.",
    ),
    ("light", "lamp"): (
        "The light of the candle fell on his face.",
        "She turned off the light and went to bed.",
        "A weak light shone through the window.",
        "The light in the room was too bright.",
    ),
    ("light", "weight"): (
        "The box was light and easy to carry.",
        "He wore a light coat because it was warm.",
        "The horse pulled a light cart along the road.",
        "A feather is so light that it floats.",
    ),
    ("fire", "flame"): (
        "They sat around the fire and warmed their hands.",
        "The fire burned the whole house down.",
        "He put more wood on the fire.",
        "Smoke of the fire rose above the village.",
    ),
    ("fire", "shots"): (
        "The soldiers opened fire on the enemy.",
        "The guns ceased fire at noon.",
        "Under heavy fire the troops crossed the bridge.",
        "The cannon could fire six times an hour.",
    ),
}
TWO_SENSES = tuple(
    SenseRow(word, sense, sentence)
    for (word, sense), sentences in _SENTENCES.items()
    for sentence in sentences
)
