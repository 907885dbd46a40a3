"""The vectors of words with n-grams are gensim's own, step by step."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from hf_recurrent.vectors.formats._subwords import buckets_of, compose


@settings(max_examples=50)
@given(
    words=st.lists(st.text(st.characters(codec="utf-8"), max_size=12), max_size=30),
    lengths=st.tuples(st.integers(1, 4), st.integers(0, 6)),
    buckets=st.integers(0, 20),
)
def test_composition_equals_the_loop_over_words(words, lengths, buckets):
    generator = np.random.default_rng(0)
    own = generator.normal(size=(len(words), 4)).astype(np.float32)
    ngrams = generator.normal(size=(buckets, 4)).astype(np.float32)
    ids = buckets_of(words, lengths, buckets)
    # As gensim's `adjust_vectors` does it.
    expected = own.copy()
    for row, hashes in enumerate(ids):
        for bucket in hashes:
            expected[row] += ngrams[bucket]
        expected[row] /= len(hashes) + 1
    assert np.array_equal(compose(own, ngrams, ids), expected)
