"""Make the cards of twelve reference models from real runs: model_cards/NAME/README.md.

    python scripts/make_model_cards.py --files-dir data
    python scripts/make_model_cards.py --only vectors classifiers --owner me

The models are the best recurrent classifier and the best bag of vectors of the comparison on the
movie snippets (`hf-recurrent benchmark`), a tagger of the English Web Treebank
(`train_token_classification.py`; its files are in --files-dir), an LSTM that adds two marked
numbers (`train_memory.py`), an encoder that searches MED (`train_retrieval.py`; its files are in
--files-dir), a GRU that recommends films (`train_next_item_recommendation.py`), a recogniser of
GRID's sentences and a classifier of spoken digits (`train_speech_recognition.py` and
`train_audio_classification.py`; their files are in --files-dir), a classifier of actions by
skeletons (`train_video_classification.py`; the same), a captioner of moving digits
(`train_video_captioning.py`), a GRU that forecasts carbon dioxide
(`train_time_series_forecasting.py`), and skip-gram vectors of the Brown corpus
(`hf-recurrent vectors train brown`). A finished comparison is not run again,
and models in the folder --models are not trained again; a stopped run goes on where it was.
The models themselves are not copied: `hf-recurrent publish FOLDER OWNER/NAME` puts one on the Hub,
with the same card.
"""

import argparse
import shlex
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import datasets
from transformers.utils import logging

from hf_recurrent.benchmark import BenchmarkSettings
from hf_recurrent.benchmark.lock import sole_use
from hf_recurrent.benchmark.outcome import Kept, Outcome
from hf_recurrent.benchmark.record import kept_record
from hf_recurrent.benchmark.run import run
from hf_recurrent.benchmark.summary import TableLine, summarize
from hf_recurrent.hub import Record, plan
from hf_recurrent.hub.cards import card_files
from hf_recurrent.hub.record import RECORD_FILE
from hf_recurrent.tasks import get_task
from hf_recurrent.tasks.word_vectors import Embedding
from hf_recurrent.vectors import save_trained, train_vectors
from hf_recurrent.vectors.training import open_corpus

TASK = "text-classification"
TAGGER = "--vectors glove --characters cnn"
ADDER = "--length 50"
FILMS = "--hidden_size 64 --num_train_epochs 5"
FORECASTS = "--num_train_epochs 4"
RECOGNIZER = "--num_train_epochs 40"
LISTENER = "--num_train_epochs 16"
WATCHER = "--num_train_epochs 25"
CAPTIONER = "--num_train_epochs 60"
SEARCHER = "--hidden-size 64 --epochs 4 --max-length 128"


def main() -> None:
    arguments = parse()
    datasets.disable_progress_bars()
    logging.disable_progress_bar()
    arguments.models.mkdir(parents=True, exist_ok=True)
    found = {}
    for kind in dict.fromkeys(arguments.only):
        found |= KINDS[kind](arguments)
    for name, folder in found.items():
        write_card(folder, f"{arguments.owner}/{name}", arguments.output / name)
        print(f"{arguments.output / name}: the card of {folder}")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    folder = {"type": Path, "metavar": "FOLDER"}
    kinds = f"of {', '.join(KINDS)} (default: all)"
    add("--output", **folder, default=Path("model_cards"), help="default: model_cards")
    add("--results", **folder, help="of the comparison (default: benchmark-results/DATASET)")
    add("--models", **folder, default=Path("benchmark-results/models"), help="of what is trained")
    add("--owner", default="your-name", help="whose repository the cards name")
    add("--only", nargs="+", choices=KINDS, default=[*KINDS], metavar="KIND", help=kinds)
    add("--dataset", default="movie-snippets", metavar="NAME", help="as in hf-recurrent benchmark")
    models = list(get_task(TASK).default_models)
    add("--compare", nargs="+", default=models, metavar="MODEL", help="the same")
    add("--embeddings", nargs="+", default=["glove:tuned"], metavar="NAME", help="the same")
    add("--seeds", type=int, default=2, metavar="N", help="the same")
    add("--limit-train", type=int, metavar="N", help="rows to train on, to try the script")
    add("--corpus", default="brown", help="of the word vectors (default: brown)")
    add("--tagging-dataset", default="ud-ewt", metavar="NAME", help="of the tagger")
    add("--files-dir", **folder, help="of the files of that data set")
    add("--tagger-options", default=TAGGER, metavar="TEXT", help=f"default: {TAGGER}")
    add("--searcher-options", default=SEARCHER, metavar="TEXT", help=f"default: {SEARCHER}")
    add("--recognizer-options", default=RECOGNIZER, metavar="TEXT", help=f"default: {RECOGNIZER}")
    add("--listener-options", default=LISTENER, metavar="TEXT", help=f"default: {LISTENER}")
    add("--watcher-options", default=WATCHER, metavar="TEXT", help=f"default: {WATCHER}")
    add("--captioner-options", default=CAPTIONER, metavar="TEXT", help=f"default: {CAPTIONER}")
    add("--adder-options", default=ADDER, metavar="TEXT", help=f"default: {ADDER}")
    return parser.parse_args()


def classifiers(arguments: argparse.Namespace) -> dict[str, Path]:
    """Return the folders of the two classifiers, each with its record."""
    settings = BenchmarkSettings(
        task=TASK,
        dataset=arguments.dataset,
        models=tuple(arguments.compare),
        embeddings=tuple(map(Embedding.parse, arguments.embeddings)),
        seeds=arguments.seeds,
        limit_train=arguments.limit_train,
    )
    stem = Path(arguments.dataset).stem
    outcome = compared(settings, arguments.results or Path("benchmark-results", stem))
    if outcome.failures:
        raise ValueError(f"{outcome.failures[0]} Run it again when that is mended.")
    lines = summarize(outcome)
    kept = {each.name: each for each in outcome.kept}
    if "bag-of-vectors" not in kept or kept["bag-of-vectors"].folder is None:
        # The comparison was run before bags of vectors were kept: the same jobs are run again.
        again = compared(replace(settings, models=("mean",)), arguments.models / f"{stem}-mean")
        kept |= {each.name: each for each in again.kept}
    return {
        f"{stem}-recurrent": recorded(outcome, lines, kept.get("best")),
        f"{stem}-bag-of-vectors": recorded(outcome, lines, kept.get("bag-of-vectors")),
    }


def compared(settings: BenchmarkSettings, folder: Path) -> Outcome:
    """Run a comparison where no other one is at work."""
    with sole_use(folder):
        return run(settings, folder)


def recorded(outcome: Outcome, lines: list[TableLine], kept: Kept | None) -> Path:
    """Save the record of a model beside it; a model of an earlier comparison has one already."""
    if kept is None or kept.folder is None:
        raise ValueError(
            "The comparison has no recurrent network and bag of vectors on disk: name a fresh "
            "--results, and models of both kinds."
        )
    if outcome.has(kept.row):
        kept_record(outcome, lines, kept.row, kept.folder).save(kept.folder)
    return kept.folder


def tagger(arguments: argparse.Namespace) -> dict[str, Path]:
    """Return the folder of the tagger, which its recipe trained and wrote a record of."""
    name = f"{Path(arguments.tagging_dataset).stem}-tagger"
    options = ["--dataset", arguments.tagging_dataset]
    if arguments.files_dir is not None:
        options += ["--files_dir", str(arguments.files_dir)]
    options += shlex.split(arguments.tagger_options)
    return {name: trained(arguments.models / name, "train_token_classification.py", options)}


def adder(arguments: argparse.Namespace) -> dict[str, Path]:
    """Return the folder of the LSTM that adds, which its recipe trained."""
    options = ["--dataset", "adding", *shlex.split(arguments.adder_options)]
    return {"adding-lstm": trained(arguments.models / "adding-lstm", "train_memory.py", options)}


def recommender(arguments: argparse.Namespace) -> dict[str, Path]:
    """Return the folder of the network that recommends films, which its recipe trained."""
    name, options = "movielens-100k-gru", ["--dataset", "movielens-100k", *shlex.split(FILMS)]
    script = "train_next_item_recommendation.py"
    return {name: trained(arguments.models / name, script, options)}


def forecaster(arguments: argparse.Namespace) -> dict[str, Path]:
    """Return the folder of the network that forecasts carbon dioxide, which its recipe trained."""
    options = ["--dataset", "co2", *shlex.split(FORECASTS)]
    script = "train_time_series_forecasting.py"
    return {"co2-gru": trained(arguments.models / "co2-gru", script, options)}


def searcher(arguments: argparse.Namespace) -> dict[str, Path]:
    """Return the folder of the encoder, which its recipe trained."""
    folder = arguments.models / "med-bilstm"
    options = ["--dataset", "med", "--output-dir", str(folder)]
    if arguments.files_dir is not None:
        options += ["--files-dir", str(arguments.files_dir)]
    options += shlex.split(arguments.searcher_options)
    return {folder.name: made_by("train_retrieval.py", options, folder)}


def recognizer(arguments: argparse.Namespace) -> dict[str, Path]:
    """Return the folder of the recogniser, which its recipe trained."""
    options = heard(arguments, "grid-s1", arguments.recognizer_options)
    script = "train_speech_recognition.py"
    return {"grid-s1-bilstm": trained(arguments.models / "grid-s1-bilstm", script, options)}


def listener(arguments: argparse.Namespace) -> dict[str, Path]:
    """Return the folder of the classifier of digits, which its recipe trained."""
    name = "spoken-digits-bigru"
    options = heard(arguments, "spoken-digits", arguments.listener_options)
    return {name: trained(arguments.models / name, "train_audio_classification.py", options)}


def watcher(arguments: argparse.Namespace) -> dict[str, Path]:
    """Return the folder of the classifier of actions, which its recipe trained."""
    name, options = "utkinect-bigru", ["--dataset", "utkinect"]
    if arguments.files_dir is not None:
        options += ["--files_dir", str(arguments.files_dir)]
    options += shlex.split(arguments.watcher_options)
    return {name: trained(arguments.models / name, "train_video_classification.py", options)}


def captioner(arguments: argparse.Namespace) -> dict[str, Path]:
    """Return the folder of the captioner of moving digits, which its recipe trained."""
    name, options = "moving-digits-gru", ["--dataset", "moving-digits"]
    options += shlex.split(arguments.captioner_options)
    return {name: trained(arguments.models / name, "train_video_captioning.py", options)}


def heard(arguments: argparse.Namespace, dataset: str, more: str) -> list[str]:
    """Return the options of a recipe over sound."""
    options = ["--dataset", dataset]
    if arguments.files_dir is not None:
        options += ["--data_dir", str(arguments.files_dir)]
    return options + shlex.split(more)


def trained(folder: Path, script: str, options: list[str]) -> Path:
    """Return a folder, in which a recipe over ``Trainer`` trains a model if there is none."""
    form = ["--output_dir", str(folder), "--threads", "1", "--disable_tqdm", "True"]
    return made_by(script, [*options, *form], folder)


def made_by(script: str, options: list[str], folder: Path) -> Path:
    """Return a folder, in which a script makes a model if there is none."""
    if not (folder / RECORD_FILE).exists():
        command = [sys.executable, str(Path(__file__).with_name(script)), *options]
        status = subprocess.run(command, stdout=sys.stderr).returncode
        if status or not (folder / RECORD_FILE).exists():
            raise ValueError(f"{folder} has no model: {script} says why above.")
    return folder


def word_vectors(arguments: argparse.Namespace) -> dict[str, Path]:
    """Return the folder of the word vectors, trained on one thread, where they are repeatable."""
    name = f"{Path(arguments.corpus).stem}-skip-gram"
    folder = arguments.models / name
    if not folder.exists():
        corpus = open_corpus(arguments.corpus)
        save_trained(train_vectors(corpus, "skip-gram", workers=1), folder)
    return {name: folder}


KINDS = {
    "classifiers": classifiers,
    "tagger": tagger,
    "adder": adder,
    "recommender": recommender,
    "forecaster": forecaster,
    "searcher": searcher,
    "recognizer": recognizer,
    "listener": listener,
    "watcher": watcher,
    "captioner": captioner,
    "vectors": word_vectors,
}


def write_card(folder: Path, repo_id: str, place: Path) -> None:
    """Write what publishing would make: the card, its plots and its results."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent) as made:
        plan(folder, repo_id)  # looks the folder through, and runs the model
        for name, content in card_files(folder, Record.load(folder), repo_id).items():
            path = Path(made, "new", name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        shutil.rmtree(place, ignore_errors=True)
        Path(made, "new").rename(place)


if __name__ == "__main__":
    try:
        main()
    except (ImportError, OSError, ValueError) as error:
        sys.exit(f"error: {error}")
