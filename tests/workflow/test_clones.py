"""The same commit gives the same bytes, wherever it is built."""

import os

from workflow.project import make_toy


def test_two_folders_give_equal_handouts_and_numbers(built, server, tmp_path):
    other = server.equipped(make_toy(tmp_path / "another place #1? {of} %41"))
    for file in ("report/problems/toy.tex.j2", "report/style/published.yaml"):
        os.utime(other.folder / file, (2**33, 2**33))  # saved on a machine whose clock is ahead
    other.build()
    files = (
        "handouts/toy.pdf",
        "handouts/toy.html",
        "toy/numbers/numbers.json",
        "toy/figures/curves.svg",
        "toy/plain/weights.npz",
    )
    for file in files:
        assert other.read(f"results/sample/{file}") == built.read(f"results/sample/{file}"), file


def test_bare_snakemake_gives_the_bytes_of_the_front_door(built, fresh):
    fresh.snakemake()
    assert fresh.read("results/sample/handouts/toy.pdf") == built.read("results/sample/handouts/toy.pdf")
