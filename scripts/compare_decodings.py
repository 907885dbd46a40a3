r"""Compare searches of a trained translator: greedy, beams, length penalties.

    python scripts/compare_decodings.py my-translator --dataset multi30k-en-de --files_dir data
    python scripts/compare_decodings.py my-translator --dataset my.en --target_file my.de

Choose a search by the validation part; the test part stands beside it. BLEU is that of sacrebleu
on raw text (13a), in lower case and cased. With ``--moses``, which needs the package sacremoses,
there is a third BLEU, of text in lower case that Moses' tokenizer has cut, as older papers give it:
it is not comparable with the others.
"""

import argparse
import sys
import time
from pathlib import Path
from typing import Any

import torch
from tqdm.auto import tqdm
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

import hf_recurrent  # noqa: F401 - registers the models
from hf_recurrent._whole import write_whole
from hf_recurrent.metrics import bleu
from hf_recurrent.tasks.translation.data import load_pairs
from hf_recurrent.tasks.translation.translating import translate

PARTS = ("validation", "test")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("model", help="a folder or a Hub id, with its tokenizer")
    add("--dataset", required=True, help="name, text file, table, folder, or id of the Hub")
    add("--target_file", help="translations of a text file, line by line")
    add("--files_dir", help="folder of the files of named data sets")
    add("--parts", nargs="+", choices=PARTS, default=PARTS, help="parts to judge (default: both)")
    add("--beams", nargs="+", type=int, default=[1, 2, 5, 10], help="beams (default: 1 2 5 10)")
    add(
        "--length_penalties",
        nargs="+",
        type=float,
        default=[0.6, 1.0, 1.4],
        help="of searches with beams; above 1 favours longer translations (default: 0.6 1 1.4)",
    )
    add("--batch", type=int, default=64, help="sentences of a batch (default: 64)")
    add("--threads", type=int, default=1, help="threads (default: 1)")
    add("--moses", metavar="LANGUAGE", help="also BLEU of text cut by Moses' rules, such as de")
    add("--output", type=Path, help="a file for the table")
    arguments = parser.parse_args()
    for name in ("batch", "threads"):
        if getattr(arguments, name) < 1:
            parser.error(f"--{name} is {getattr(arguments, name)}, expected at least 1")
    if min(arguments.beams) < 1:
        parser.error(f"--beams has {min(arguments.beams)}, expected at least 1")
    torch.set_num_threads(arguments.threads)
    cut = _moses(arguments.moses) if arguments.moses else None
    data = load_pairs(
        arguments.dataset, data_dir=arguments.files_dir, target_file=arguments.target_file
    )
    tokenizer = AutoTokenizer.from_pretrained(arguments.model)
    model = AutoModelForSeq2SeqLM.from_pretrained(arguments.model).eval()
    lines = table(model, tokenizer, data, arguments, cut)
    print("\n".join(lines))
    if arguments.output:
        write_whole(arguments.output, "\n".join(lines) + "\n")


def table(model: Any, tokenizer: Any, data: Any, arguments: Any, cut: Any = None) -> list[str]:
    """Return the lines of the table."""
    columns = ["BLEU, lower case", "BLEU, cased", *(["tokenised"] if cut else []), "length ratio"]
    titles = [f"{name}, {part}" for part in arguments.parts for name in columns]
    lines = [f"| beams | length penalty | {' | '.join(titles)} | sentences/s |"]
    lines.append("|---" * (len(titles) + 3) + "|")
    for beams in sorted(set(arguments.beams)):
        for penalty in [None] if beams == 1 else arguments.length_penalties:
            options: dict[str, Any] = {"num_beams": beams, "do_sample": False}
            if penalty is not None:
                options["length_penalty"] = penalty
            cells, seconds, sentences = [], 0.0, 0
            for part in arguments.parts:
                rows = data[part]
                began = time.process_time()
                found = _all(model, tokenizer, rows["source_text"][:], arguments.batch, options)
                seconds += time.process_time() - began
                sentences += len(found)
                cells += judged(found, rows["target_text"][:], cut)
            numbers = [str(beams), "" if penalty is None else f"{penalty:g}", *cells]
            lines.append(f"| {' | '.join(numbers)} | {sentences / seconds:.0f} |")
    lines.append("")
    lines.append(f"{bleu(['a'], ['a'], lowercase=True)['signature']}; batches of {arguments.batch}")
    lines[-1] += ", sentences a second of processor time"
    return lines


def judged(found: list[str], right: list[str], cut: Any = None) -> list[str]:
    """Return the cells of one part."""
    lower = bleu(found, right, lowercase=True)
    cells = [f"{lower['bleu']:.1f}", f"{bleu(found, right)['bleu']:.1f}"]
    if cut:
        words = [[cut(text.lower()) for text in texts] for texts in (found, right)]
        cells.append(f"{bleu(*words, tokenize='none')['bleu']:.1f}")
    return [*cells, f"{lower['length_ratio']:.3f}"]


def _all(model: Any, tokenizer: Any, texts: list[str], batch: int, options: Any) -> list[str]:
    """Return the translations in the order of the texts, made in batches of like lengths."""
    order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
    found = [""] * len(texts)
    title = f"{options['num_beams']} beams"
    for start in tqdm(range(0, len(order), batch), title, leave=False, disable=None):
        places = order[start : start + batch]
        made = translate(model, tokenizer, [texts[place] for place in places], **options)
        for place, text in zip(places, made, strict=True):
            found[place] = text
    return found


def _moses(language: str) -> Any:
    try:
        from sacremoses import MosesTokenizer
    except ImportError:
        sys.exit("--moses needs sacremoses: pip install sacremoses")
    tokenizer = MosesTokenizer(language)
    return lambda text: tokenizer.tokenize(text, return_str=True, escape=False)


if __name__ == "__main__":
    main()
