"""Train word vectors of any kind on any corpus."""

from ._epochs import TrainingStopped as TrainingStopped
from .cooccurrence import CooccurrenceFile as CooccurrenceFile
from .cooccurrence import Cooccurrences as Cooccurrences
from .cooccurrence import count_cooccurrences as count_cooccurrences
from .cooccurrence import count_cooccurrences_to_file as count_cooccurrences_to_file
from .corpus import make_corpus as make_corpus
from .glove import train_glove as train_glove
from .mutual_information import ppmi as ppmi
from .mutual_information import svd_vectors as svd_vectors
from .phrases import PhraseOptions as PhraseOptions
from .phrases import find_phrases as find_phrases
from .result import CorpusFacts as CorpusFacts
from .result import TrainedVectors as TrainedVectors
from .saving import load_counts as load_counts
from .saving import load_vocabulary as load_vocabulary
from .saving import save_trained as save_trained
from .settings import KINDS as KINDS
from .skip_gram import train_skip_gram as train_skip_gram
from .sources import open_corpus as open_corpus
from .train import train_vectors as train_vectors
from .vocabulary import OneHotVocabulary as OneHotVocabulary
from .vocabulary import count_words as count_words
from .word2vec import train_fasttext as train_fasttext
from .word2vec import train_word2vec as train_word2vec
