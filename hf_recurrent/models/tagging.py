"""The output, the forward and the steps that all taggers share."""

import warnings
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from transformers.utils import ModelOutput, can_return_tuple

from .checks import check_tagging
from .crf import LinearChainCRF, allowed_transitions, forbidden_rows
from .heads import LabelHead, read
from .loss import (
    IGNORED,
    Units,
    known_labels,
    mean_loss,
    refuse_taken_labels,
    token_classification_loss,
)
from .ragged import TokenColumns

# The logarithm of a probability of 0, such as that of a forbidden tag. It is finite, so that sums
# of logits stay finite, and fp16 and bf16 can represent it.
_LOG_OF_ZERO = -1e4


@dataclass
class TaggerOutput(ModelOutput):
    """Output of a tagger.

    Args:
        loss: Scalar, where labels were given.
        logits: (batch, time, num_labels), 0 on padding. With a CRF, they are in evaluation the
            log-marginals, whose softmax is the probability of each tag given the whole sentence,
            and in training the emissions.
        predictions: (batch, time) the CRF's best path, -100 on padding; in evaluation only. Without
            a CRF it is ``None``: use the argmax of ``logits``.
        hidden_states: The embeddings (batch, time, embedding_size) and each layer's output (batch,
            time, output_size), on ``output_hidden_states=True``.
        final_hidden_state: (batch, layers * directions, hidden_size), on
            ``output_final_state=True``.
        final_cell_state: Likewise, for an LSTM.
    """

    loss: Tensor | None = None
    logits: Tensor | None = None
    predictions: Tensor | None = None
    hidden_states: tuple[Tensor, ...] | None = None
    final_hidden_state: Tensor | None = None
    final_cell_state: Tensor | None = None


@dataclass
class RankedPaths(ModelOutput):
    """The best paths of a tagger with a CRF.

    Args:
        paths: (batch, n, time) tags, the most probable path first; -100 on padding, and for missing
            paths if a sequence has fewer than n. A continuation repeats the tag of its word.
        log_probabilities: (batch, n) of whole paths, ``-inf`` for missing paths. A sequence without
            steps has one path, of probability 1.
    """

    paths: Tensor | None = None
    log_probabilities: Tensor | None = None


class Steps(NamedTuple):
    """The tokens that a tagger tags; the other tokens of a word repeat the tag of its first token.

    Attributes:
        mask: (batch, time, bool) true where a word begins; without ``word_starts`` on each real
            token.
        tagged: (batch, time, bool) true on real tokens that belong to a word. A token before the
            first word of a row, such as ``[CLS]``, belongs to none.
        place: (batch, time) the column at which the word of each token begins; ``None`` if each
            token is a word.
    """

    mask: Tensor
    tagged: Tensor
    place: Tensor | None

    @classmethod
    def of(cls, mask: Tensor, word_starts: Tensor | None) -> "Steps":
        """Find the steps.

        Args:
            mask: (batch, time, bool), true on real tokens.
            word_starts: (batch, time), nonzero on the first piece of each word.

        Raises:
            ValueError: If ``word_starts`` has another shape than the mask.
        """
        if word_starts is None or not mask.numel():
            return cls(mask, mask, None)
        if word_starts.shape != mask.shape:
            raise ValueError(
                f"word_starts has shape {tuple(word_starts.shape)}, expected {tuple(mask.shape)} "
                "as the other inputs have"
            )
        starts = mask & word_starts.bool()
        columns = torch.arange(mask.shape[1], device=mask.device).expand_as(mask)
        place = columns.where(starts, -1).cummax(1).values
        return cls(starts, mask & (place >= 0), place.clamp(min=0))

    def spread(self, values: Tensor, fill: int = 0) -> Tensor:
        """Return values (batch, time, ...) with the value of a word's start on all of its pieces.

        Args:
            values: The values of the steps.
            fill: The value for tokens without a word.
        """
        deeper = [1] * (values.dim() - 2)
        if self.place is not None:
            place = self.place.view(*self.place.shape, *deeper).expand_as(values)
            values = values.gather(1, place)
        return values.where(self.tagged.view(*self.tagged.shape, *deeper), fill)


class Tagger(LabelHead):
    """The part of a tagger that is the same for every base model.

    A head lists this class before the base class of its family. Its ``__init__`` sets ``model``,
    and then calls ``add_classifier``.
    """

    labelled = "tokens"
    _has_warned = False  # of tags that the constraints forbid

    def add_classifier(self, size: int) -> None:
        """Check the fields for taggers in the configuration; make the linear layer and the CRF.

        Args:
            size: Width of a state.

        Raises:
            ValueError: If a field has a wrong value.
        """
        config = self.config
        check_tagging(config)
        self.num_labels = int(config.num_labels)
        self.classifier_dropout = nn.Dropout(config.classifier_dropout)
        self.classifier = nn.Linear(size, self.num_labels)
        if config.crf:
            allowed = None
            if config.tag_scheme is not None:
                names = [config.id2label[number] for number in range(self.num_labels)]
                allowed = allowed_transitions(names, config.tag_scheme)
            self.crf = LinearChainCRF(self.num_labels, allowed)

    @can_return_tuple
    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        inputs_embeds: Tensor | None = None,
        labels: Tensor | None = None,
        word_starts: Tensor | None = None,
        initial_hidden_state: Tensor | None = None,
        initial_cell_state: Tensor | None = None,
        output_final_state: bool = False,
        output_hidden_states: bool | None = None,
        ngram_ids: Tensor | None = None,
        char_ids: Tensor | None = None,
        input_features: Tensor | None = None,
        **kwargs: Any,
    ) -> TaggerOutput:
        """Tag the tokens of sequences; the arguments are those of the base model, and the labels.

        Args:
            input_ids: (batch, time) token ids.
            attention_mask: (batch, time), nonzero on real tokens.
            inputs_embeds: (batch, time, embedding_size), in place of what the input layer reads.
            labels: (batch, time) the tag of each token, -100 to leave one out. The loss is a sum
                over the labels that are not -100, divided by their number, or by
                ``num_items_in_batch`` with gradient accumulation. With a CRF, the sum is that of
                the negative log-likelihoods of the *sentences*, divided by the same number of
                *labels*; so it is a loss per tag. Tags of -100 are left out of the chain. Labels on
                padding are ignored. With a CRF, so are labels on continuations of words: set them
                to -100, since ``Trainer`` counts all others. A sentence that the constraints forbid
                in training adds 0 to the sum, but its labels are counted, as ``Trainer`` does.
            word_starts: (batch, time), nonzero on the first piece of each word. Only these pieces
                are tagged, with labels and without; a continuation repeats the logits and the
                prediction of its word. Without it each real token is a word.
            initial_hidden_state: The initial states, see the base model.
            initial_cell_state: Likewise, for an LSTM.
            output_final_state: Whether to return the final states.
            output_hidden_states: Whether to return every layer's output.
            ngram_ids: (batch, time, n) n-gram ids, if the input layer has n-grams.
            char_ids: (batch, time, n) character ids, if the input layer has characters.
            input_features: (batch, time, channels) frames, if the input layer reads frames.
            **kwargs: ``num_items_in_batch`` from ``Trainer``; others are ignored.

        Raises:
            ValueError: If shapes do not fit together, or a label is unknown.
        """
        outputs, emissions, steps, columns = self._emissions(
            attention_mask,
            word_starts,
            {
                "input_ids": input_ids,
                "input_features": input_features,
                "inputs_embeds": inputs_embeds,
                "ngram_ids": ngram_ids,
                "char_ids": char_ids,
            },
            output_hidden_states,
            initial_hidden_state=initial_hidden_state,
            initial_cell_state=initial_cell_state,
            output_final_state=output_final_state,
        )
        logits, predictions = emissions, None
        if self.config.crf and not self.training:
            marginals = self.crf.log_marginals(emissions, steps.mask)
            logits = marginals.to(emissions.dtype).clamp(min=_LOG_OF_ZERO)
            # Restored columns are 0, so -100 is made 0 first.
            path = steps.spread(self.crf.decode(emissions, steps.mask), IGNORED)
            predictions = columns.restore(path - IGNORED) + IGNORED
        logits = steps.spread(logits)
        labels = columns.cut(labels, "labels")
        return TaggerOutput(
            loss=self._loss(emissions, steps, labels, kwargs),
            logits=columns.restore(logits),
            predictions=predictions,
            hidden_states=outputs.get("hidden_states"),
            final_hidden_state=outputs.get("final_hidden_state"),
            final_cell_state=outputs.get("final_cell_state"),
        )

    @torch.no_grad()
    def n_best(
        self,
        n: int,
        attention_mask: Tensor | None = None,
        word_starts: Tensor | None = None,
        **inputs: Tensor,
    ) -> RankedPaths:
        """Return the ``n`` most probable paths of tags of each sequence, for a tagger with a CRF.

        Call it in evaluation mode. The first path is the same as ``predictions``.

        Args:
            n: Number of paths, 1 or more.
            attention_mask: (batch, time), nonzero on real tokens.
            word_starts: (batch, time), nonzero on the first piece of each word, as in ``forward``.
            **inputs: The inputs of the base model, such as ``input_ids``.

        Raises:
            ValueError: If there is no CRF, ``n`` is below 1, or shapes do not fit together.
            TypeError: If the base model does not know an input.

        Example:
            >>> import torch
            >>> from hf_recurrent import RecurrentConfig, RecurrentForTokenClassification
            >>> config = RecurrentConfig(vocab_size=100, num_labels=3, crf=True)
            >>> model = RecurrentForTokenClassification(config).eval()
            >>> model.n_best(2, input_ids=torch.tensor([[5, 6, 7]])).paths.shape
            torch.Size([1, 2, 3])
        """
        if not self.config.crf:
            raise ValueError(
                "this tagger has no CRF, so no paths are scored: take the logits of each token, or "
                "train one with crf=True"
            )
        _, emissions, steps, columns = self._emissions(attention_mask, word_starts, inputs)
        paths, log_probabilities = self.crf.most_probable(emissions, steps.mask, n)
        path = steps.spread(paths.transpose(1, 2), IGNORED)
        restored = columns.restore(path - IGNORED) + IGNORED
        return RankedPaths(restored.transpose(1, 2), log_probabilities)

    def _emissions(
        self,
        attention_mask: Tensor | None,
        word_starts: Tensor | None,
        given: dict[str, Any],
        output_hidden_states: bool | None = None,
        **arguments: Any,
    ) -> tuple[Any, Tensor, Steps, TokenColumns]:
        """Return the outputs of the base model, the scores of tags, the steps, and the columns."""
        outputs, hidden, mask, columns = read(
            self, attention_mask, given, output_hidden_states, **arguments
        )
        steps = Steps.of(mask, columns.cut(word_starts, "word_starts"))
        return outputs, self.classifier(self.classifier_dropout(hidden)), steps, columns

    def _loss(
        self, emissions: Tensor, steps: Steps, labels: Tensor | None, arguments: dict[str, Any]
    ) -> Tensor | None:
        config, hard = self.config, self.hard_training
        refuse_taken_labels(config, labels, arguments, hard, **{"crf=True": config.crf})
        if labels is None:
            return None
        if labels.shape != steps.mask.shape:
            raise ValueError(
                f"labels have shape {tuple(labels.shape)}, expected {tuple(steps.mask.shape)}, one "
                "for each token"
            )
        if labels.is_floating_point():
            raise ValueError(f"labels are {labels.dtype}, expected integers")
        labels = labels.to(emissions.device).long()
        items = arguments.get("num_items_in_batch")
        if not config.crf:
            labels = labels.where(steps.tagged, IGNORED)
            return token_classification_loss(steps.spread(emissions), labels, config, items, hard)
        tags = labels.where(steps.mask, IGNORED)
        counts = known_labels(tags, self.num_labels)[0].sum(1)
        losses = -self._log_likelihood(emissions, tags, steps.mask)
        return mean_loss(Units(losses, losses / counts.clamp(min=1), counts), items, hard)

    def _log_likelihood(self, emissions: Tensor, tags: Tensor, mask: Tensor) -> Tensor:
        """Return the log-likelihood (batch,) of tags (batch, time), which are -100 if missing.

        A path that the constraints forbid has no likelihood. If the constraints apply in training,
        the row of such a path is left out, with one warning that names the row.
        """
        constrained = bool(self.config.constrained_training)
        if self.crf.allowed is not None and not self._has_warned:
            forbidden = forbidden_rows(tags, mask, self.crf.allowed)
            if bool(forbidden.any()):
                self._warn_of_forbidden(forbidden, constrained)
        likelihood: Tensor = self.crf(emissions, tags, mask, constrained=constrained)
        return likelihood

    def _warn_of_forbidden(self, forbidden: Tensor, constrained: bool) -> None:
        self._has_warned = True
        number, first = int(forbidden.sum()), int(forbidden.nonzero()[0])
        done = "are left out of the loss" if constrained else "can be learnt, but never predicted"
        warnings.warn(
            f"{number} of the {len(forbidden)} sentences of a batch "
            f"{'has' if number == 1 else 'have'} tags that {self.config.tag_scheme} does not "
            f"allow, the first in row {first}: such paths {done} (this is said once)",
            stacklevel=2,
        )
