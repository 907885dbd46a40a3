"""Metrics that work without a network."""

from typing import TYPE_CHECKING

from .._lazy import import_lazily

if TYPE_CHECKING:
    from .captioning import CiderD as CiderD
    from .captioning import cider_d as cider_d
    from .captioning import cider_d_scores as cider_d_scores
    from .classification import F1 as F1
    from .classification import Accuracy as Accuracy
    from .classification import AveragePrecision as AveragePrecision
    from .classification import Matthews as Matthews
    from .forecasting import IntervalCoverage as IntervalCoverage
    from .forecasting import MeanAbsoluteScaledError as MeanAbsoluteScaledError
    from .forecasting import SymmetricPercentageError as SymmetricPercentageError
    from .forecasting import WeightedQuantileLoss as WeightedQuantileLoss
    from .language_modeling import BitsPerCharacter as BitsPerCharacter
    from .language_modeling import Perplexity as Perplexity
    from .language_modeling import Spelling as Spelling
    from .language_modeling import UnknownShare as UnknownShare
    from .recommendation import NextItemRanking as NextItemRanking
    from .recommendation import RecommendedItems as RecommendedItems
    from .recommendation import conservative_ranks as conservative_ranks
    from .recommendation import rank_metrics as rank_metrics
    from .recommendation import recommended_items as recommended_items
    from .regression import RootMeanSquaredError as RootMeanSquaredError
    from .regression import number_errors as number_errors
    from .retrieval import MeanAveragePrecision as MeanAveragePrecision
    from .retrieval import NormalizedDiscountedGain as NormalizedDiscountedGain
    from .retrieval import RecallAtK as RecallAtK
    from .sequences import SequenceAccuracy as SequenceAccuracy
    from .sequences import sequence_accuracy as sequence_accuracy
    from .spans import span_scores as span_scores
    from .spans import spans_of as spans_of
    from .spans import tagging_metrics as tagging_metrics
    from .speech import CharacterErrorRate as CharacterErrorRate
    from .speech import WordErrorRate as WordErrorRate
    from .speech import bootstrap_interval as bootstrap_interval
    from .speech import error_counts as error_counts
    from .speech import error_rate as error_rate
    from .tagging import SpanF1 as SpanF1
    from .tagging import TaggingAccuracy as TaggingAccuracy
    from .tagging import tag_accuracy as tag_accuracy
    from .trainer import classification_metrics as classification_metrics
    from .trainer import multi_label_metrics as multi_label_metrics
    from .trainer import rare_class_metrics as rare_class_metrics
    from .trainer import regression_metrics as regression_metrics
    from .translation import Bleu as Bleu
    from .translation import ChrF as ChrF
    from .translation import bleu as bleu
    from .translation import bleu_by_length as bleu_by_length
    from .translation import chrf as chrf
    from .word_vectors import AnalogyAccuracy as AnalogyAccuracy
    from .word_vectors import PrecisionAtK as PrecisionAtK
    from .word_vectors import WordSimilarity as WordSimilarity

import_lazily(__name__)
