from reprose.commands.screen.progress import Progress


def test_jobs_that_ran_and_jobs_that_need_not_run_are_done():
    progress = Progress(["a", "b", "c", "d"])
    progress.started("a", 10.0)
    assert progress.finished("a", 12.5) == 2.5
    assert progress.settle(["a", "b", "other"]) == 1
    assert progress.count == "2/4"
    assert progress.took == {"a": 2.5}


def test_a_job_that_nobody_foresaw_counts_too():
    progress = Progress(["a"])
    progress.started("slides", 1.0)
    assert progress.count == "0/2"


def test_a_job_that_fails_is_not_done_and_may_be_tried_again():
    progress = Progress(["a"])
    progress.started("a", 1.0)
    progress.ended_ill("a")
    assert (progress.count, progress.failed, progress.running) == ("0/1", {"a"}, {})
    progress.started("a", 5.0)
    progress.finished("a", 6.0)
    assert (progress.count, progress.failed, progress.took) == ("1/1", set(), {"a": 1.0})


def test_a_job_that_runs_again_after_it_was_done_counts_once():
    progress = Progress(["a"])
    for begin in (1.0, 5.0):
        progress.started("a", begin)
        assert progress.count == "0/1"
        progress.finished("a", begin + 1)
    assert progress.count == "1/1"


def test_the_time_left_is_asked_with_what_is_done_and_how_long_others_run():
    asked = []
    progress = Progress(["a", "b"], lambda done, running: asked.append((set(done), dict(running))) or "2 min left")
    progress.started("a", 1.0)
    progress.finished("a", 2.0)
    progress.started("b", 3.0)
    assert progress.time_left(10.0) == "2 min left"
    assert asked == [({"a"}, {"b": 7.0})]
