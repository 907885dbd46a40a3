"""Registers the models with the Auto classes of transformers when a program uses these.

Importing the models imports torch and most of transformers. This takes seconds, which
``hf-recurrent --help`` and programs for word vectors should not need. So if the Auto classes are
not imported yet, registration waits for them. A finder at the start of ``sys.meta_path`` counts the
nested imports of transformers and of this package. At the end of the outermost one, when no module
is half imported, it registers the models if the Auto classes have been imported, and removes
itself.
"""

import sys
import threading
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

_AUTO = tuple(
    f"transformers.models.auto.{name}_auto"
    for name in ("configuration", "modeling", "tokenization", "feature_extraction", "processing")
)
_COUNTED = ("transformers", __name__.partition(".")[0])


def register() -> None:
    """Register every configuration, model and tokenizer of the package."""
    import transformers

    from .models import modeling_elmo as elmo
    from .models import modeling_recurrent as recurrent
    from .models import modeling_recurrent_seq2seq as seq2seq
    from .models import modeling_recurrent_speech as speech
    from .models import modeling_recurrent_time_series as series
    from .models import modeling_recurrent_video as video
    from .models import modeling_recurrent_video_captioning as captioning
    from .models import modeling_static_embedding as static
    from .models.feature_extraction_log_mel import LogMelFeatureExtractor
    from .models.processing_recurrent_speech import RecurrentSpeechProcessor
    from .models.tokenization_characters import CharTokenizer
    from .models.tokenization_ctc import CTCTokenizer
    from .models.tokenization_elmo import ElmoTokenizer
    from .models.tokenization_marked import MarkedTokenizer
    from .models.tokenization_ngrams import NgramTokenizer
    from .models.tokenization_translation import TranslationTokenizer
    from .models.tokenization_word_starts import WordStartTokenizer
    from .models.video_processing_recurrent import RecurrentVideoProcessor

    models: tuple[Any, ...] = (
        elmo.ElmoModel,
        elmo.ElmoForPreTraining,
        recurrent.RecurrentModel,
        recurrent.RecurrentForCausalLM,
        recurrent.RecurrentForSequenceClassification,
        recurrent.RecurrentForTokenClassification,
        seq2seq.RecurrentSeq2SeqModel,
        seq2seq.RecurrentForConditionalGeneration,
        speech.RecurrentSpeechModel,
        speech.RecurrentForCTC,
        speech.RecurrentForAudioClassification,
        series.RecurrentTimeSeriesModel,
        series.RecurrentForTimeSeriesPrediction,
        captioning.RecurrentVideoCaptioningModel,
        captioning.RecurrentForVideoCaptioning,
        video.RecurrentVideoModel,
        video.RecurrentForVideoClassification,
        static.StaticEmbeddingModel,
        static.StaticEmbeddingForSequenceClassification,
    )
    for model in models:
        config = model.config_class
        transformers.AutoConfig.register(config.model_type, config, exist_ok=True)
        # The one that ``register_for_auto_class`` names for the copy of the code in a checkpoint.
        auto_class = getattr(transformers, model._auto_class)
        auto_class.register(config, model, exist_ok=True)
    # Without a configuration: every family also uses plain tokenizers, so these are found by name.
    kinds = (
        CharTokenizer,
        CTCTokenizer,
        ElmoTokenizer,
        MarkedTokenizer,
        NgramTokenizer,
        TranslationTokenizer,
        WordStartTokenizer,
    )
    for tokenizer in kinds:
        transformers.AutoTokenizer.register(tokenizer, tokenizer, exist_ok=True)
    sound: Any = speech.RecurrentSpeechModel.config_class
    transformers.AutoFeatureExtractor.register(sound, LogMelFeatureExtractor, exist_ok=True)
    transformers.AutoProcessor.register(sound, RecurrentSpeechProcessor, exist_ok=True)
    # The name in ``transformers`` stands for this class only where torchvision is installed.
    from transformers.models.auto.video_processing_auto import AutoVideoProcessor

    for model in (video.RecurrentVideoModel, captioning.RecurrentVideoCaptioningModel):
        clips: Any = model.config_class
        AutoVideoProcessor.register(clips, RecurrentVideoProcessor, exist_ok=True)


def register_pipeline() -> None:
    """Register the pipelines of the package."""
    import transformers
    from transformers.pipelines import PIPELINE_REGISTRY

    from .models.translation_pipeline import RecurrentTranslationPipeline

    PIPELINE_REGISTRY.register_pipeline(
        "recurrent-translation",
        RecurrentTranslationPipeline,
        pt_model=(transformers.AutoModelForSeq2SeqLM,),
        type="text",
    )
    # By name, as transformers has its own, so that nothing more is imported until it is used.
    for task, kind in (
        ("automatic-speech-recognition", "SpeechRecognitionPipeline"),
        ("audio-classification", "SoundClassificationPipeline"),
    ):
        known = PIPELINE_REGISTRY.supported_tasks[task]
        module = f"{__package__}.speech.pipelines"
        # transformers before 5.23 holds the classes themselves.
        by_name = isinstance(known["impl"], str)
        known["impl"] = f"{module}.{kind}" if by_name else getattr(import_module(module), kind)


# What is registered, and the modules of which one must be imported before.
_WHEN: tuple[tuple[Callable[[], None], tuple[str, ...]], ...] = (
    (register, _AUTO),
    (register_pipeline, ("transformers.pipelines",)),
)


def register_when_used() -> None:
    """Register what can be used already, and the rest when its modules are imported."""
    waiting = _register_what_is_used(_WHEN)
    if waiting:
        sys.meta_path.insert(0, _Watch(waiting))


def _register_what_is_used(waiting: Any) -> Any:
    """Register what can be used, and return what still waits."""
    left = []
    for function, modules in waiting:
        if any(module in sys.modules for module in modules):
            function()
        else:
            left.append((function, modules))
    return tuple(left)


class _Watch(MetaPathFinder):
    """A finder that uses the other finders, and watches each import of a counted package."""

    def __init__(self, waiting: Any) -> None:
        self._thread = threading.local()
        self._waiting = waiting

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec of the next finder, with a loader that is watched."""
        if fullname.partition(".")[0] not in _COUNTED:
            return None
        for finder in sys.meta_path:
            spec = None if isinstance(finder, _Watch) else finder.find_spec(fullname, path, target)
            if spec is not None:
                if spec.loader is not None:
                    spec.loader = _WatchedLoader(spec.loader, self)
                return spec
        return None

    def run(self, loader: Loader, module: ModuleType) -> None:
        """Run a module, and register the models after the outermost one."""
        depth = getattr(self._thread, "depth", 0)
        self._thread.depth = depth + 1
        try:
            loader.exec_module(module)
            if depth == 0 and self in sys.meta_path:
                # What fails, or is interrupted, is tried again after the next import.
                self._waiting = _register_what_is_used(self._waiting)
                if not self._waiting:
                    sys.meta_path.remove(self)
        finally:
            self._thread.depth = depth


class _WatchedLoader(Loader):
    """Replaces a module's loader until the module runs."""

    def __init__(self, loader: Loader, watch: _Watch) -> None:
        self._loader, self._watch = loader, watch

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        # From here on the module has its normal loader.
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._watch.run(self._loader, module)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)
