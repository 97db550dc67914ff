import json

import pytest

from reprose.base.errors import ReproseError
from reprose.document.substitutes import Substituted, announcement, read_substitutes

VECTORS = Substituted("vectors", "v_50.txt", "7 of 400 words; 76.5 % of the tokens")


def manifest(folder, dataset, **files):
    path = folder / dataset / "manifest.json"
    path.parent.mkdir()
    path.write_text(json.dumps(files))
    return path


def test_the_substitutes_of_all_manifests_are_found(tmp_path):
    official = manifest(tmp_path, "reviews", **{"a.tsv": {"sha256": "0"}})
    other = manifest(
        tmp_path, "vectors", **{"v_50.txt": {"sha256": "0", "substitute": VECTORS.note}, "b": {"sha256": "1"}}
    )
    assert read_substitutes([official, other]) == (VECTORS,)


def test_a_damaged_manifest_is_an_error(tmp_path):
    with pytest.raises(ReproseError, match=r"vectors/manifest.json: 'a' has no SHA-256"):
        read_substitutes([manifest(tmp_path, "vectors", a={"substitute": "x"})])


def test_official_data_are_not_announced():
    assert announcement(()) == ""


def test_the_announcement_names_file_data_set_and_what_is_missing_and_links_to_the_record():
    text = announcement([VECTORS])
    assert r"\texttt{v\_\allowbreak{}50.\allowbreak{}txt} of data set \texttt{vectors}" in text
    assert r"7 of 400 words; 76.5 \% of the tokens\pvmark{data--vectors--fetch}." in text
