"""A small collection in the form of BEIR, whose queries and documents share topics."""

import json
import random
from pathlib import Path

TOPICS = {
    "wing": ("lift", "drag", "stall", "slat"),
    "heat": ("cone", "plate", "flux", "wall"),
    "wave": ("shock", "sound", "speed", "blast"),
    "beam": ("load", "steel", "bend", "joint"),
}
FILLERS = ("flow", "test", "theory", "paper", "study", "results")


def write_collection(folder: Path, documents: int = 24, queries: int = 12) -> Path:
    """Write the files; a query is relevant to the documents of its topic."""
    draw = random.Random(0)
    topics = list(TOPICS)
    corpus, asked, judged = [], [], ["query-id\tcorpus-id\tscore"]
    for number in range(documents):
        topic = topics[number % len(topics)]
        words = [*draw.sample(TOPICS[topic], 3), *draw.sample(FILLERS, 3)]
        title = f"{topic} {draw.choice(TOPICS[topic])}"
        corpus.append({"_id": f"d{number}", "title": title, "text": " ".join(words)})
    corpus.append({"_id": "empty", "title": "", "text": ""})
    for number in range(queries):
        topic = topics[number % len(topics)]
        words = [*draw.sample(TOPICS[topic], 2), draw.choice(FILLERS)]
        asked.append({"_id": f"q{number}", "text": f"{' '.join(words)} {number}"})
        judged += [
            f"q{number}\td{place}\t{1 + place % 2}"
            for place in range(documents)
            if topics[place % len(topics)] == topic
        ]
    (folder / "qrels").mkdir(parents=True)
    for name, rows in (("corpus", corpus), ("queries", asked)):
        text = "".join(f"{json.dumps(row)}\n" for row in rows)
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
    (folder / "qrels" / "test.tsv").write_text("\n".join(judged) + "\n", encoding="utf-8")
    return folder
