"""Word vectors: read and save them, and make the tokenizer and the matrix of a model from them."""

from typing import TYPE_CHECKING

from .._lazy import import_lazily

if TYPE_CHECKING:
    from . import compression as compression
    from . import evaluation as evaluation
    from . import formats as formats
    from . import training as training
    from ._coverage import Coverage as Coverage
    from ._coverage import coverage as coverage
    from .adaptation import AdaptationStopped as AdaptationStopped
    from .adaptation import adapt_vectors as adapt_vectors
    from .adaptation import words_of_texts as words_of_texts
    from .alignment import Alignment as Alignment
    from .alignment import align as align
    from .alignment import read_dictionary as read_dictionary
    from .compression import CompressedKeyedVectors as CompressedKeyedVectors
    from .compression import compress_model as compress_model
    from .elmo import convert_elmo as convert_elmo
    from .elmo import elmo_inputs as elmo_inputs
    from .elmo import elmo_tokenizer as elmo_tokenizer
    from .evaluation import evaluate_analogies as evaluate_analogies
    from .evaluation import evaluate_categorization as evaluate_categorization
    from .evaluation import evaluate_similarity as evaluate_similarity
    from .evaluation import evaluate_translation as evaluate_translation
    from .evaluation import evaluate_vectors as evaluate_vectors
    from .evaluation import load_word_set as load_word_set
    from .evaluation import neighbors as neighbors
    from .evaluation import plot_words as plot_words
    from .formats import convert_vectors as convert_vectors
    from .formats import load_vectors as load_vectors
    from .formats import save_vectors as save_vectors
    from .from_model import vectors_from_model as vectors_from_model
    from .inputs import WordInputs as WordInputs
    from .inputs import word_inputs as word_inputs
    from .language_tokenizer import language_model_tokenizer as language_model_tokenizer
    from .matrix import embedding_matrix as embedding_matrix
    from .matrix import join_vectors as join_vectors
    from .pair_tokenizer import translation_tokenizer as translation_tokenizer
    from .retrofitting import read_lexicon as read_lexicon
    from .retrofitting import retrofit as retrofit
    from .tokenizer import tokenizer_from_texts as tokenizer_from_texts
    from .tokenizer import tokenizer_from_vectors as tokenizer_from_vectors
    from .training import TrainedVectors as TrainedVectors
    from .training import TrainingStopped as TrainingStopped
    from .training import save_trained as save_trained
    from .training import train_vectors as train_vectors
    from .training.cooccurrence import CooccurrenceFile as CooccurrenceFile
    from .training.cooccurrence import Cooccurrences as Cooccurrences
    from .training.cooccurrence import count_cooccurrences as count_cooccurrences
    from .training.cooccurrence import count_cooccurrences_to_file as count_cooccurrences_to_file
    from .training.glove import train_glove as train_glove
    from .training.mutual_information import ppmi as ppmi
    from .training.mutual_information import svd_vectors as svd_vectors
    from .training.skip_gram import train_skip_gram as train_skip_gram
    from .word_pieces import word_piece_tokenizer as word_piece_tokenizer

import_lazily(__name__)
