"""BibTeX entries of this package, and of known word vectors, kinds of training and data sets."""

from collections.abc import Iterable

from .. import __version__

__all__ = ["AUTHOR", "TITLE", "citations"]

# As in CITATION.cff, which does not travel with the package.
TITLE = "hf-recurrent: recurrent networks and word vectors for the Hugging Face ecosystem"
AUTHOR = "The hf-recurrent authors"

_ENTRIES = {
    ("glove",): """\
@inproceedings{pennington2014glove,
  title = {{GloVe: Global Vectors for Word Representation}},
  author = {Pennington, Jeffrey and Socher, Richard and Manning, Christopher D.},
  booktitle = {EMNLP},
  year = {2014},
}""",
    ("word2vec",): """\
@inproceedings{mikolov2013distributed,
  title = {{Distributed Representations of Words and Phrases and their Compositionality}},
  author = {Mikolov, Tomas and Sutskever, Ilya and Chen, Kai and Corrado, Greg and Dean, Jeffrey},
  booktitle = {Advances in Neural Information Processing Systems},
  year = {2013},
}""",
    ("cbow", "skip-gram", "skip-gram-shared"): """\
@article{mikolov2013efficient,
  title = {{Efficient Estimation of Word Representations in Vector Space}},
  author = {Mikolov, Tomas and Chen, Kai and Corrado, Greg and Dean, Jeffrey},
  journal = {arXiv:1301.3781},
  year = {2013},
}""",
    ("fasttext",): """\
@article{bojanowski2017enriching,
  title = {{Enriching Word Vectors with Subword Information}},
  author = {Bojanowski, Piotr and Grave, Edouard and Joulin, Armand and Mikolov, Tomas},
  journal = {Transactions of the Association for Computational Linguistics},
  year = {2017},
}""",
    ("ppmi", "ppmi-svd"): """\
@article{levy2015improving,
  title = {{Improving Distributional Similarity with Lessons Learned from Word Embeddings}},
  author = {Levy, Omer and Goldberg, Yoav and Dagan, Ido},
  journal = {Transactions of the Association for Computational Linguistics},
  year = {2015},
}""",
    ("Brown corpus", "brown"): """\
@manual{francis1979brown,
  title = {{Brown Corpus Manual}},
  author = {Francis, W. Nelson and Kučera, Henry},
  organization = {Department of Linguistics, Brown University},
  year = {1979},
}""",
    ("movie-snippets",): """\
@inproceedings{hutto2014vader,
  title = {{VADER: A Parsimonious Rule-Based Model for Sentiment Analysis of Social Media Text}},
  author = {Hutto, C. J. and Gilbert, Eric},
  booktitle = {ICWSM},
  year = {2014},
}""",
    ("sst2", "sst5"): """\
@inproceedings{socher2013recursive,
  title = {{Recursive Deep Models for Semantic Compositionality Over a Sentiment Treebank}},
  author = {Socher, Richard and Perelygin, Alex and Wu, Jean and Chuang, Jason and
    Manning, Christopher D. and Ng, Andrew and Potts, Christopher},
  booktitle = {EMNLP},
  year = {2013},
}""",
    ("trec",): """\
@inproceedings{li2002learning,
  title = {{Learning Question Classifiers}},
  author = {Li, Xin and Roth, Dan},
  booktitle = {COLING},
  year = {2002},
}""",
    ("20-newsgroups",): """\
@inproceedings{lang1995newsweeder,
  title = {{NewsWeeder: Learning to Filter Netnews}},
  author = {Lang, Ken},
  booktitle = {ICML},
  year = {1995},
}""",
    ("ag-news",): """\
@inproceedings{zhang2015character,
  title = {{Character-level Convolutional Networks for Text Classification}},
  author = {Zhang, Xiang and Zhao, Junbo and LeCun, Yann},
  booktitle = {Advances in Neural Information Processing Systems},
  year = {2015},
}""",
    ("sms-spam",): """\
@inproceedings{almeida2011contributions,
  title = {{Contributions to the Study of SMS Spam Filtering: New Collection and Results}},
  author = {Almeida, Tiago A. and Gómez Hidalgo, José María and Yamakami, Akebo},
  booktitle = {ACM Symposium on Document Engineering},
  year = {2011},
}""",
    ("ud-ewt",): """\
@inproceedings{silveira2014gold,
  title = {{A Gold Standard Dependency Corpus for English}},
  author = {Silveira, Natalia and Dozat, Timothy and de Marneffe, Marie-Catherine and
    Bowman, Samuel and Connor, Miriam and Bauer, John and Manning, Christopher D.},
  booktitle = {LREC},
  year = {2014},
}""",
    ("wnut17",): """\
@inproceedings{derczynski2017results,
  title = {{Results of the WNUT2017 Shared Task on Novel and Emerging Entity Recognition}},
  author = {Derczynski, Leon and Nichols, Eric and van Erp, Marieke and Limsopatham, Nut},
  booktitle = {Workshop on Noisy User-generated Text},
  year = {2017},
}""",
    ("conll2003",): """\
@inproceedings{tjongkimsang2003introduction,
  title = {{Introduction to the CoNLL-2003 Shared Task: Language-Independent Named Entity
    Recognition}},
  author = {Tjong Kim Sang, Erik F. and De Meulder, Fien},
  booktitle = {CoNLL},
  year = {2003},
}""",
}


def citations(used: Iterable[str]) -> tuple[str, ...]:
    """Return BibTeX entries: this package first, then each known thing that was used.

    Args:
        used: Names of data sets, word vectors and kinds of training; unknown ones are ignored.
    """
    # Braces around an author who is no person: BibTeX would take the last word as a surname.
    ours = f"""\
@software{{hf_recurrent,
  title = {{{{{TITLE}}}}},
  author = {{{{{AUTHOR}}}}},
  version = {{{__version__}}},
}}"""
    known = dict.fromkeys(names for name in used for names in _ENTRIES if name in names)
    return (ours, *(_ENTRIES[names] for names in known))
