from reprose.config.experiments import expand
from reprose.jobs.shown import Shown
from toy_config import configuration


def test_variants_are_shown_in_the_order_of_the_configuration():
    variant = {"view": "all", "blocks": {"main": {"seeds": [[1, 2]]}}}
    shown = Shown(expand(configuration(ridge=variant, mean=variant, all=variant), "sample"))
    assert shown.listed("toy")["variants"] == [["ridge", True], ["mean", True], ["all", True]]
    assert [path.split("/")[3] for path in shown.results("toy")["metrics"]] == ["ridge", "mean", "all"]
