"""Tools for ``Trainer``: batches, streams of text, hard training, threads, tuned rows, resuming.

The parts are imported when they are first used, so the defaults alone import nothing heavy.
"""

from typing import TYPE_CHECKING

from .._lazy import import_lazily

if TYPE_CHECKING:
    from .averaging import AverageWeights as AverageWeights
    from .batching import LengthGroupedDataset as LengthGroupedDataset
    from .batching import length_grouped_order as length_grouped_order
    from .bert_losses import pretraining_sums as pretraining_sums
    from .bert_perplexity import masked_perplexity as masked_perplexity
    from .bert_trainer import BertTrainer as BertTrainer
    from .clipping import ClipGradients as ClipGradients
    from .continuous_cache import cache_evaluation as cache_evaluation
    from .curriculum import CurriculumDataset as CurriculumDataset
    from .curriculum import row_losses as row_losses
    from .defaults import RECIPE as RECIPE
    from .document_streams import DocumentStreams as DocumentStreams
    from .dynamic import dynamic_evaluation as dynamic_evaluation
    from .dynamic import gradient_squares as gradient_squares
    from .elmo_perplexity import bidirectional_perplexity as bidirectional_perplexity
    from .elmo_sentences import keep_elmo_sentences as keep_elmo_sentences
    from .frames import DataCollatorForFrames as DataCollatorForFrames
    from .gradient_plot import draw_gradient_flow as draw_gradient_flow
    from .measuring import MeasuringTrainer as MeasuringTrainer
    from .progress import FiniteLoss as FiniteLoss
    from .progress import LearningCurve as LearningCurve
    from .progress import TokenProgress as TokenProgress
    from .recipe import balanced_class_weights as balanced_class_weights
    from .recipe import check_evaluations as check_evaluations
    from .recipe import make_trainer as make_trainer
    from .recipe import rows_per_step as rows_per_step
    from .resuming import checkpoint_to_resume as checkpoint_to_resume
    from .resuming import train_or_resume as train_or_resume
    from .row_sparse import RowAdagrad as RowAdagrad
    from .row_sparse import RowAdam as RowAdam
    from .row_sparse import RowSGD as RowSGD
    from .row_sparse import SparseGradients as SparseGradients
    from .self_paced import SelfPacedLearning as SelfPacedLearning
    from .sentence_pairs import SentencePairs as SentencePairs
    from .sentence_rows import SentenceRows as SentenceRows
    from .sentence_rows import collate_sentences as collate_sentences
    from .speeds import SpeedPerturbation as SpeedPerturbation
    from .speeds import at_speed as at_speed
    from .state_carrier import StateCarrier as StateCarrier
    from .state_gradients import gradient_flow as gradient_flow
    from .streams import TextStreams as TextStreams
    from .streams import collate_windows as collate_windows
    from .threads import ThreadSearch as ThreadSearch
    from .threads import find_threads as find_threads
    from .threads import thread_changes as thread_changes
    from .threads import threads_in_use as threads_in_use
    from .time_budget import TimeBudget as TimeBudget
    from .token_counts import count_tokens as count_tokens
    from .token_ids import open_token_ids as open_token_ids
    from .token_ids import write_token_ids as write_token_ids
    from .tuned_rows import TuneRows as TuneRows
    from .tuned_rows import merge_rows as merge_rows
    from .tuned_rows import tune_rows as tune_rows
    from .vocal_tracts import VocalTractPerturbation as VocalTractPerturbation
    from .vocal_tracts import warping as warping
    from .window_rate import WindowLearningRate as WindowLearningRate

import_lazily(__name__)
