from reprose.commands.comparison.earlier import LARGE, share


def test_large_files_are_shared_by_links_and_small_ones_copied(tmp_path):
    source, target = tmp_path / "source", tmp_path / "target"
    sizes = {"weights.npz": LARGE, "run.json": 10, ".stale/weights.npz": LARGE}
    for name, size in sizes.items():
        path = source / "results/sample/toy/plain" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * size)
    for folder in ("results/sample/handouts", "results/sample/checkpoints", "results/real/toy"):
        (source / folder).mkdir(parents=True)
        (source / folder / "file").touch()
    target.mkdir()
    share(source, target, "sample")
    for name in sizes:
        a, b = (top / "results/sample/toy/plain" / name for top in (source, target))
        assert a.samefile(b) == (name == "weights.npz")
        assert a.read_bytes() == b.read_bytes()
        assert a.stat().st_mtime_ns == b.stat().st_mtime_ns
    assert sorted(path.name for path in (target / "results").rglob("*") if path.is_file()) == [
        "run.json",
        "weights.npz",
        "weights.npz",
    ]
