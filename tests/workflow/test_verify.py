"""What hangs on chance is found by a second run; what takes its chance from the job is not."""

SPLIT = "size = len(table"
CHANCE = "    table = {{name: array[np.random.{}.permutation(len(array))] for name, array in table.items()}}\n    "


def test_chance_without_a_seed_is_found_and_what_was_built_stays_as_it_is(toy):
    toy.edit("scripts/datasets/line.py", f"    {SPLIT}", CHANCE.format("default_rng()") + SPLIT)
    toy.build()
    made = toy.made()
    checked = toy.run(toy.reprose("verify", "views/thirds", "toy/plain/first_3_3"), check=False)
    assert checked.code == 1
    assert "views/thirds/prepare: test.npz, test.npz.sha256, train.npz" in checked.text
    assert "1 of 2 jobs made the same bytes a second time" in checked.text
    assert "random numbers without a seed (np.random.default_rng() wants one)" in checked.text
    assert (toy.made(), checked.ran) == (made, set())
    assert not list(toy.folder.glob("results/*/checkpoints/**/state"))


def test_chance_of_a_library_is_seeded_by_the_step(toy):
    toy.edit("scripts/datasets/line.py", f"    {SPLIT}", CHANCE.replace(".{}", "").format() + SPLIT)
    toy.build()
    checked = toy.run(toy.reprose("verify"))
    assert "17 of 17 jobs made the same bytes a second time" in checked.text


def test_a_job_that_there_is_not(toy):
    checked = toy.run(toy.reprose("verify", "toys"), check=False)
    assert checked.code == 1
    assert "no job 'toys'. There are: data/line/fetch, views/thirds/prepare" in checked.text
