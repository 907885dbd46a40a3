"""Small files of sound: words are tones, of which each letter is one."""

import csv
from pathlib import Path

import numpy as np
import soundfile

RATE = 8000
TONES = {"a": 400.0, "b": 1300.0}
TEXTS = ("ab", "ba", "a b", "aa", "bb", "b a")


def tones(text: str, seed: int) -> np.ndarray:
    """Return 60 ms of a tone for each letter, and silence between them and for spaces."""
    chance = np.random.default_rng(seed)
    time = np.arange(RATE * 6 // 100) / RATE
    parts = [np.zeros(RATE // 50)]
    for letter in text:
        loud = 0.0 if letter == " " else 0.3 + 0.3 * chance.random()
        parts.append(loud * np.sin(6.2832 * TONES.get(letter, 0) * time))
        parts.append(np.zeros(RATE // 50))
    samples = np.concatenate(parts)
    return samples + 0.003 * chance.normal(size=len(samples))


def write_manifests(folder: Path, rows: int = 24) -> Path:
    """Write train.csv, valid.csv and test.csv with columns audio, text, label and person."""
    for part, count in (("train", rows), ("valid", 6), ("test", 6)):
        with open(folder / f"{part}.csv", "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["audio", "text", "label", "person"])
            for number in range(count):
                text, name = TEXTS[number % len(TEXTS)], f"{part}{number}.wav"
                soundfile.write(folder / name, tones(text, 100 * len(part) + number), RATE)
                writer.writerow([name, text, text.replace(" ", "")[0], f"p{number % 4}"])
    return folder
