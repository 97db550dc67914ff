"""What `reprose export` hands on: the archive that a build left, and the values of figures and tables with it."""

import csv
import io
import tarfile

import pytest

pytestmark = pytest.mark.workflow
SUMMARY = "scripts/problems/toy/summary.py"
TABLE = """    frame = pd.DataFrame({"error": {number.key: number.value / 3 for number in numbers}})
    return [*numbers, table("errors", frame, "toy/summarize", digits=2)]
"""


def export(project, folder, *options, check=True):
    """Return what the command says, and the members of the archive."""
    said = project.run(project.reprose("export", "toy", "--to", str(folder), *options), check)
    if not check:
        return said.text, {}
    with tarfile.open(folder / "toy.tar.gz") as packed:
        return said.text, {name: packed.extractfile(name).read() for name in packed.getnames()}


def rows(content):
    return list(csv.DictReader(io.StringIO(content.decode())))


def test_the_archive_of_the_build_is_handed_on_as_it_is(built, tmp_path):
    said, _ = export(built, tmp_path / "out")
    assert said.splitlines()[-1] == str(tmp_path / "out/toy.tar.gz")
    assert (tmp_path / "out/toy.tar.gz").read_bytes() == built.read("results/sample/handouts/toy.tar.gz")


def test_values_of_figures_and_tables_go_with_it(toy, tmp_path):
    toy.edit(SUMMARY, "from reprose import", "import pandas as pd\n\nfrom reprose import table,")
    toy.edit(SUMMARY, "    return numbers\n", TABLE)
    template = "report/problems/toy.tex.j2"
    toy.edit(template, "\\includegraphics", '\\VAR{table("errors")}\n\n\\includegraphics')
    toy.build()
    _, plain = export(toy, tmp_path)
    _, held = export(toy, tmp_path, "--data")
    assert {name: held[name] for name in plain if name != "README"} == {
        name: plain[name] for name in plain if name != "README"
    }
    assert sorted(held.keys() - plain.keys()) == [
        "anc/table_01.csv",
        "anc/toy/curves.csv",
        "anc/toy/numbers.json",
        "anc/toy/tables/errors.csv",
    ]
    curve = [row for row in rows(held["anc/toy/curves.csv"]) if (row["kind"], row["series"]) == ("line", "1")]
    assert len(curve) == 20
    whole, printed = rows(held["anc/toy/tables/errors.csv"]), rows(held["anc/table_01.csv"])
    assert [f"{float(row['error']):.2f}" for row in whole] == [row["error"] for row in printed]
    assert len(whole[0]["error"]) > 10
    assert held["README"].startswith(plain["README"]) and held["README"].endswith(b"Nothing is left out.\n")


def test_what_has_no_values_is_named_in_the_archive(toy, tmp_path):
    toy.edit(
        "scripts/problems/toy/figures.py", "    axes.set_xlabel", "    axes.quiver(0, 0, 1, 1)\n    axes.set_xlabel"
    )
    toy.build()
    _, held = export(toy, tmp_path, "--data")
    assert b"Not told as values:\n\n  anc/toy/curves.csv: Quiver in panel 1\n" in held["README"]
    assert b"Nothing is left out" not in held["README"]


def test_what_is_out_of_date_is_not_handed_on(toy, tmp_path):
    (toy.folder / "results/sample/toy/figures/curves.csv").write_text("x\n")
    said, _ = export(toy, tmp_path, "--data", check=False)
    assert "toy: not built, or out of date. Run 'reprose build --tier sample toy'." in said
    assert not list(tmp_path.glob("*.tar.gz"))
