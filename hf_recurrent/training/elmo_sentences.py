"""The vectors of a frozen ELMo, computed once for each sentence."""

from torch import nn

from ..models.elmo_embedding import ElmoEmbedding


def keep_elmo_sentences(model: nn.Module, folder: str | None = None, half: bool = False) -> None:
    """Let a model compute the frozen language model in its input layer once for each sentence.

    From the second epoch on, and in evaluations that come again, the vectors of a sentence are read
    from a temporary file that is mapped into memory. The mix of the layers, the word vectors beside
    it and everything above are trained as before. Data set, collator and ``Trainer`` do not change.

    Args:
        model: A model with an input layer of the kind "elmo", alone or in a joined one.
        folder: Folder of the file, on a fast disk; None for the usual one of temporary files.
        half: Whether to keep the numbers in half precision, in half of the space.

    Raises:
        ValueError: If the model has no such layer, or trains its language model.
        OSError: If there can be no file in the folder.
    """
    layers = [module for module in model.modules() if isinstance(module, ElmoEmbedding)]
    if not layers:
        raise ValueError("The model has no input layer of the kind 'elmo'.")
    for layer in layers:
        if any(p.requires_grad for part in layer.language_model_parts() for p in part.parameters()):
            raise ValueError(
                "The language model in the input layer is trained (freeze_language_model is "
                "False), so its vectors change and cannot be kept."
            )
        layer.keep_sentences(folder, half)
