"""Loading of a trained model with its tokenizer; every error is one clear sentence."""

from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from .._pretrained import load_tokenizer
from .._wording import counted, first_line


def load_head(
    model: str, auto_class: Any, title: str, part: str, noun: str, trust_remote_code: bool = False
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """Load a model of a task and its tokenizer; see ``load_model``."""
    loaded = load_model(model, auto_class, title, part, noun, trust_remote_code)
    return loaded, load_tokenizer(model, trust_remote_code)


def load_model(
    model: str, auto_class: Any, title: str, part: str, noun: str, trust_remote_code: bool = False
) -> PreTrainedModel:
    """Load a model in evaluation mode; pickled weights are never loaded.

    Args:
        model: A folder, or an id of the Hub.
        auto_class: Class that makes the model, or an Auto class of transformers.
        title: The task in words.
        part: The part that a trained model has and a base model has not, for messages.
        noun: The kind of model that is expected, with its article, for messages.
        trust_remote_code: Whether code in the model's folder may run.

    Raises:
        OSError: If there is no such model or it cannot be read completely.
        ValueError: If it is for another task, or weights are missing or no numbers.
    """
    try:
        loaded, report = auto_class.from_pretrained(
            model,
            output_loading_info=True,
            trust_remote_code=trust_remote_code,
            use_safetensors=True,
        )
    except OSError as error:
        where = "" if Path(model).exists() else ", which is no folder here"
        raise OSError(
            f"No model could be loaded from '{model}'{where}: {first_line(error)}."
        ) from error
    except (SafetensorError, RuntimeError) as error:
        raise OSError(
            f"The weights of '{model}' are damaged, or do not fit its configuration: "
            f"{first_line(error)}."
        ) from error
    except (ValueError, KeyError) as error:
        raise ValueError(f"'{model}' is no model for {title}: {first_line(error)}.") from error
    if report["missing_keys"]:
        missing = sorted(report["missing_keys"])
        raise ValueError(
            f"'{model}' holds a checkpoint of another family or without a trained {part} "
            f"(model_type '{loaded.config.model_type}', "
            f"{counted(len(missing), 'weight', 'is', 'are')} missing, the first {missing[0]}): "
            f"expected {noun}."
        )
    wrong = next((name for name, own in loaded.named_parameters() if own.isnan().any()), None)
    if wrong is not None:
        raise ValueError(
            f"The weights of '{model}' hold NaN (the first in {wrong}), so its answers would be no "
            f"numbers: its training went astray, so take an earlier checkpoint."
        )
    evaluated: PreTrainedModel = loaded.eval()
    return evaluated
