"""Which jobs read what another job writes, and so may have to run after it. The rules declare the same inputs."""

from collections.abc import Iterable, Mapping

from reprose.jobs import Job, Jobs


def needs(jobs: Jobs) -> dict[str, set[str]]:
    """Return for each job, by the path of its record, the records of the jobs whose outputs it reads."""
    return {job.provenance: {needed.provenance for needed in _needed(jobs, job)} for job in jobs.all}


def downstream(needed: Mapping[str, set[str]], start: Iterable[str]) -> set[str]:
    """Return the records of the jobs that read, directly or through others, what the jobs `start` write."""
    reached, found = set(start), set()
    for record, sources in needed.items():  # each job stands after the jobs that it needs
        if sources & reached:
            found.add(record)
            reached.add(record)
    return found


def _needed(jobs: Jobs, job: Job) -> list[Job]:
    names, plan = {key: value for key, value in job.wildcards.items() if key != "tier"}, jobs.plan
    match job.rule:
        case "prepare":
            view = plan.views[names["view"]]
            return [_job(jobs, "fetch", dataset=view.dataset), *_views(jobs, [view.of] if view.of else [])]
        case "train":
            variant = plan.variant(**{key: names[key] for key in ("problem", "variant")})
            return _views(jobs, [variant.view.name]) + _winners(jobs, variant.used)
        case "choose":
            variant = plan.variant(**names)
            return [_job(jobs, "train", **names, batch=batch) for batch in variant.batches] + _winners(
                jobs, variant.used
            )
        case "evaluate":
            return _views(jobs, [plan.variant(**names).view.name]) + [_job(jobs, "choose", **names)]
        case "plot" | "summarize":
            variants = plan.problems[names["problem"]].variants.values()
            return [made for variant in variants for made in jobs.of_variant(variant) if made.rule != "train"]
        case "write":
            fetched = [made for made in jobs.behind([names["problem"]]) if made.rule == "fetch"]
            return [*fetched, _job(jobs, "plot", **names), _job(jobs, "summarize", **names)]
        case "typeset":
            return jobs.behind(jobs.handouts[names["handout"]])
    return []


def _views(jobs: Jobs, names: Iterable[str]) -> list[Job]:
    return [_job(jobs, "prepare", view=name) for name in names]


def _winners(jobs: Jobs, pairs: Iterable[tuple[str, str]]) -> list[Job]:
    return [_job(jobs, "choose", problem=problem, variant=variant) for problem, variant in pairs]


def _job(jobs: Jobs, rule: str, **names: str) -> Job:
    return Job(rule, {"tier": jobs.plan.tier, **names})
