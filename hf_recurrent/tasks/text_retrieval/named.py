"""The named collections for search."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any, ClassVar

from ...data.sources import NamedDataset
from . import smart

_HALVES = (
    "none published: half of the queries is to test, of the other half three fifths are to train "
    "and two fifths for validation; --fold 1 exchanges the halves"
)


@dataclass(frozen=True, kw_only=True)
class NamedCollection(NamedDataset):
    """A named collection of documents, queries and judgements."""

    subfolder: ClassVar[str] = "retrieval"


def _smart(documents: str, queries: str, judgements: str, **options: Any) -> dict[str, Any]:
    files: dict[str, Any] = {"documents": documents, "queries": queries, "judgements": judgements}
    return {
        "files": (documents, queries, judgements),
        "read": partial(smart.read_collection, **files, **options),
    }


_NPL = ("npl_doc-text.gz", "npl_query-text.gz", "npl_rlv-ass.gz")
_SPECS = (
    NamedCollection(
        name="cranfield",
        title="abstracts of aerodynamics, and questions of their authors (Cranfield 2, 1966)",
        splits=_HALVES,
        **_smart(
            "cran.all.1400",
            "cran.qry",
            "cranqrel",
            document=1,
            grade=smart.grade_of_cranfield,
            by_order=True,
        ),
    ),
    NamedCollection(
        name="med",
        title="abstracts of medicine (MEDLARS)",
        splits=_HALVES,
        **_smart("med_MED.ALL.gz", "med_MED.QRY.gz", "med_MED.REL.gz", document=2),
    ),
    NamedCollection(
        name="cisi",
        title="abstracts of library science",
        splits=f"{_HALVES}; queries without a judged document are left out",
        **_smart("cisi_CISI.ALL.gz", "cisi_CISI.QRY.gz", "cisi_CISI.REL.gz", document=1),
    ),
    NamedCollection(
        name="npl",
        title="abstracts of electronics and physics (National Physical Laboratory)",
        splits=_HALVES,
        files=_NPL,
        read=partial(smart.read_npl, documents=_NPL[0], queries=_NPL[1], judgements=_NPL[2]),
    ),
)
COLLECTIONS: Mapping[str, NamedCollection] = MappingProxyType({spec.name: spec for spec in _SPECS})
