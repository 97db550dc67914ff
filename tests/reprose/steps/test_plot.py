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
        (None, "draw returns a NoneType, expected a dictionary of figures by name"),
        (Figure(), "draw returns a Figure, expected a dictionary"),
        ({"A": Figure()}, "figure 'A': use a-z"),
        ({1: Figure()}, "figure '1': use a-z"),
        ({"a": Figure().subplots()}, "figure 'a' is a Axes, expected one of matplotlib"),
    ],
)
def test_what_are_no_figures_by_name_is_told(made, message):
    with pytest.raises(ReproseError, match=f"figures.py: {message}"):
        checked(made, "figures.py")
