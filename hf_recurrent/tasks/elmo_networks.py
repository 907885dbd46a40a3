"""Networks of all tasks over the vectors of an ELMo that the user pretrained or converted."""

from transformers import set_seed

from .. import RecurrentConfig
from .._wording import first_line
from ..models.elmo_embedding import ElmoEmbedding
from ..training import keep_elmo_sentences
from ..vectors import elmo_inputs
from .fitted import Fitted
from .labels import label_fields
from .model_rows import Work
from .networks import NetworkRecipe, auto_class, config_values, fit_network


def fit_over_elmo(work: Work, recipe: NetworkRecipe) -> Fitted:
    """Train a recurrent network over ELMo's vectors.

    The language model is trained too where the value "tuned" is true. Otherwise only the mix of its
    layers is, and the layers of each sentence are computed once for all epochs, in a file; the
    fitted model computes them each time, so that its speed is that of a user.

    Args:
        work: Its ``baseline`` is the folder of the ELMo.
        recipe: How its task trains networks.

    Raises:
        OSError: If there is no ELMo in the folder.
    """
    set_seed(work.seed)
    tuned = bool(work.values["tuned"])
    try:
        inputs = elmo_inputs(work.baseline, frozen=not tuned)
    except (OSError, ValueError) as error:
        raise OSError(f"'{work.baseline}' holds no ELMo: {first_line(error)}.") from error
    values = config_values(work, RecurrentConfig) | inputs.config
    values |= label_fields(recipe.labels(work.data["train"]))
    model = auto_class(work).from_config(RecurrentConfig(**values))
    inputs.fill(model)
    if not tuned:
        keep_elmo_sentences(model)
    fitted = fit_network(work, recipe, model, inputs.tokenizer)
    for layer in model.modules():
        if isinstance(layer, ElmoEmbedding):
            layer.store = None
    return fitted
