import json
from dataclasses import asdict

from reprose.document.front import comparisons
from reprose.numbers.claims import evaluate
from reprose.numbers.registry import constant, measured


def test_a_comparison_of_fixed_values_does_not_count_as_tested(tmp_path):
    numbers = {
        "rows": constant("rows", 60, 0, "toy/plain/evaluate"),
        "error": measured("error", {1: 0.5, 2: 0.6}, 2, "lower", "toy/plain/evaluate"),
    }
    claims = [{"comparisons": [asdict(one) for one in evaluate(said, numbers)]} for said in ("rows > 50", "error < 1")]
    (tmp_path / "claims.json").write_text(json.dumps(claims))
    assert comparisons([tmp_path / "claims.json"]) == 1
