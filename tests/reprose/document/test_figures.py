import subprocess

import pytest
from matplotlib import pyplot

from reprose.document.figures import apply_style, pagella, save

STYLE = "axes.spines.top: False\nsvg.hashsalt: toy\npdf.fonttype: 42\n"


@pytest.fixture
def style(tmp_path):
    path = tmp_path / "figures.mplstyle"
    path.write_text(STYLE)
    with pyplot.rc_context():
        yield path


def draw():
    figure, axes = pyplot.subplots(figsize=(2, 1))
    axes.plot([0, 1], [-1, 1])
    axes.set_xlabel(r"$\lambda_F$ = −1")
    return figure


@pytest.mark.parametrize("kind", ["pdf", "svg"])
def test_the_same_figure_gives_the_same_bytes(tmp_path, style, kind):
    apply_style(style)
    (tmp_path / "elsewhere").mkdir()
    paths = [tmp_path / f"one.{kind}", tmp_path / f"elsewhere/two.{kind}"]
    for path in paths:
        save(draw(), path)
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_the_fonts_of_a_figure_are_what_they_are_called(tmp_path, style):
    apply_style(style)
    save(draw(), tmp_path / "one.pdf")
    told = subprocess.run(["pdffonts", tmp_path / "one.pdf"], capture_output=True, text=True, check=True)
    fonts = told.stdout.splitlines()[2:]
    assert fonts and all("CID TrueType" in font and " yes yes yes " in font for font in fonts)
    drawn = subprocess.run(["pdftoppm", "-r", "50", tmp_path / "one.pdf"], capture_output=True, check=True)
    assert drawn.stderr == b"" and drawn.stdout.count(b"\0") > 100  # no complaint of a font, and ink
    text = subprocess.run(["pdftotext", tmp_path / "one.pdf", "-"], capture_output=True, text=True, check=True).stdout
    assert "\u22121" in text


def test_the_style_file_is_applied(style):
    apply_style(style)
    assert pyplot.rcParams["axes.spines.top"] is False


def test_the_text_font_of_the_handout_is_used_where_it_is_installed(style):
    expected = "TeX Gyre Pagella" if pagella() else "DejaVu Serif"
    assert apply_style(style) == expected
    assert pyplot.rcParams["font.family"] == [expected]


def test_without_that_font_a_message_says_what_to_install(tmp_path, style, capsys):
    assert apply_style(style, folders=(tmp_path / "no such folder",)) == "DejaVu Serif"
    assert "fonts-texgyre" in capsys.readouterr().out


@pytest.mark.parametrize("kind", ["pdf", "svg"])
def test_what_the_font_lacks_is_told(tmp_path, style, kind):
    apply_style(style)
    figure = draw()
    figure.axes[0].set_xticks([0, 1], ["\u4e2d\u6587", "plain"])
    assert save(figure, tmp_path / f"one.{kind}") == ["U+4E2D", "U+6587"]
    assert save(draw(), tmp_path / f"two.{kind}") == []


def test_saving_closes_the_figure(tmp_path, style):
    apply_style(style)
    save(draw(), tmp_path / "one.pdf")
    assert pyplot.get_fignums() == []
