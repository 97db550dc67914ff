import sys

import numpy as np
import pytest
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from reprose.base.errors import ReproseError
from reprose.training import estimators

X = np.random.default_rng(0).normal(size=(30, 2))
Y = X[:, 0] - 2 * X[:, 1]


def fitted():
    return make_pipeline(StandardScaler(), RandomForestRegressor(3, random_state=1)).fit(X, Y)


def test_an_estimator_comes_back_as_it_went_whether_alone_or_by_name():
    alone = estimators.revived(estimators.packed(fitted()))
    assert np.array_equal(alone.predict(X), fitted().predict(X))
    named = estimators.revived(estimators.packed({"model": fitted(), "scale": np.ones(2)}))
    assert np.array_equal(named["model"].predict(X), fitted().predict(X))
    assert named["scale"].tolist() == [1, 1]


def test_equal_estimators_give_equal_bytes():
    one, other = (estimators.packed(fitted())["skops:"] for _ in range(2))
    assert one.dtype == np.uint8
    assert np.array_equal(one, other)


def test_the_winner_of_another_variant_comes_with_its_estimators():
    packed = estimators.packed({"model": Ridge().fit(X, Y)})
    flat = {f"1|{name}": array for name, array in packed.items()} | {"1|w": np.ones(1)}
    found = estimators.revived_flat(flat)
    assert isinstance(found["1|model"], Ridge) and found["1|w"] == 1


def test_what_skops_does_not_know_to_be_harmless_is_refused():
    odd = make_pipeline(FunctionTransformer(sys.exit), Ridge())
    with pytest.raises(ReproseError, match="the estimator Pipeline holds sys.exit, of which skops does not know"):
        estimators.packed(odd)


def test_without_skops_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "skops.io", None)
    monkeypatch.setitem(sys.modules, "skops", None)
    with pytest.raises(ReproseError, match="saved by the package skops, and that is not installed. Install it"):
        estimators.packed(Ridge())
