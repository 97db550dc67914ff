import pytest
from matplotlib.figure import Figure

from reprose.base.errors import ReproseError
from reprose.steps.plot import checked


def test_figures_by_name_are_taken():
    figure = Figure()
    assert checked({"a_1": figure}, "figures.py") == {"a_1": figure}


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (None, r"returns nothing \(None\). Allowed: a dictionary of figures by name"),
        (Figure(), "returns a Figure. Allowed: a dictionary"),
        ({"A": Figure()}, "figure 'A': use a-z"),
        ({1: Figure()}, "figure '1': use a-z"),
        ({"a": Figure().subplots()}, "figure 'a' is a Axes. Allowed: one of matplotlib"),
    ],
)
def test_what_are_no_figures_by_name_is_told(made, message):
    with pytest.raises(ReproseError, match=f"figures.py: draw:? {message}"):
        checked(made, "figures.py: draw")
