"""A part of the articles as sparse counts, and batches of it."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from scipy.sparse import csr_matrix
from torch import Tensor

from reprose import Arrays


@dataclass(frozen=True)
class Batch:
    """Some articles: the words that occur in them, article after article, and how often each does."""

    words: Tensor  # (entries,) int64, columns of the vocabulary
    counts: Tensor  # (entries,) float32
    articles: Tensor  # (entries,) int64, which article of the batch an entry belongs to
    starts: Tensor  # (articles,) int64, the first entry of each article

    def __len__(self) -> int:
        return len(self.starts)


@dataclass(frozen=True)
class Corpus:
    """Sparse counts of the words of all articles of a part."""

    starts: Tensor  # (articles + 1,) int64, as `indptr` of the data set
    words: Tensor  # (entries,) int64
    counts: Tensor  # (entries,) float32
    vocabulary: int

    def __len__(self) -> int:
        return len(self.starts) - 1

    def batch(self, articles: Tensor) -> Batch:
        """Return the articles with these numbers, (batch,), in that order."""
        first = self.starts[articles]
        lengths = self.starts[articles + 1] - first
        ends = lengths.cumsum(0)
        owners = torch.repeat_interleave(torch.arange(len(articles), device=first.device), lengths)
        places = torch.arange(len(owners), device=first.device) + (first - ends + lengths)[owners]
        return Batch(self.words[places], self.counts[places], owners, ends - lengths)

    def batches(self, order: Tensor, size: int) -> Iterator[Batch]:
        """Yield all articles in this order, `size` at a time."""
        for articles in order.split(size):
            yield self.batch(articles)


def to_corpus(arrays: Arrays) -> Corpus:
    """Return the arrays of one part of a view as tensors."""
    starts, words, counts = (torch.from_numpy(arrays[name]) for name in ("indptr", "indices", "counts"))
    return Corpus(starts, words, counts.float(), len(arrays["words"]))


def to_matrix(arrays: Arrays) -> csr_matrix:
    """Return the counts of one part of a view as SciPy's sparse matrix, (articles, words), float64."""
    shape = (len(arrays["indptr"]) - 1, len(arrays["words"]))
    return csr_matrix((arrays["counts"].astype("float64"), arrays["indices"], arrays["indptr"]), shape=shape)
