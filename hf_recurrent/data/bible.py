"""The Bible in English (King James) and in Spanish (Reina-Valera 1909), verse by verse."""

import html
import re
from pathlib import Path

from .packages import fetch
from .ztext import read_ztext

# Folder and package of each language.
_MODULES = {"en": ("engKJV2006eb", "bible-en"), "es": ("spaRV1909eb", "bible-es")}
# Notes and titles are no part of a verse; other marks are around its words.
_NOT_TEXT = re.compile(r"<(note|title)\b[^>]*>.*?</\1>", re.DOTALL)
_MARK = re.compile(r"<[^>]*>")


def read_bible(folder: Path) -> dict[str, list[str]]:
    """Return the verses in both languages, by language, in their order.

    Verses that one of the translations lacks are left out.

    Args:
        folder: Folder of the modules ``engKJV2006eb`` and ``spaRV1909eb`` in the zText format.
            One that is not there is downloaded.

    Raises:
        ValueError: If a module is damaged.
        OSError: If one cannot be read or downloaded.
    """
    read = {}
    for language, (module, package) in _MODULES.items():
        place = folder / module
        read[language] = read_ztext(place if place.is_dir() else fetch(package) / module)
    pairs = [
        pair
        for pair in zip(*(map(plain, texts) for texts in read.values()), strict=True)
        if all(pair)
    ]
    return {
        language: [*verses] for language, verses in zip(read, zip(*pairs, strict=True), strict=True)
    }


def plain(text: str) -> str:
    """Return the words of a verse, without its markup."""
    words = _MARK.sub("", _NOT_TEXT.sub(" ", text))
    return " ".join(html.unescape(words).replace("¶", " ").split())
