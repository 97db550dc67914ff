"""The numbers that the handout may print."""

from reprose import Item, Number, Results, Text, VariantResults, constant, measured

DIGITS = 1  # decimals of an accuracy or a probability, in per cent


def summarize(results: Results) -> list[Item]:
    """Return the numbers of the single images, then those of the test part."""
    variant = results.variant("attack")
    chosen, tested = (f"{results.problem}/attack/{rule}" for rule in ("choose", "evaluate"))
    items: list[Item] = [
        constant("seeds", len(variant.metrics), 0, chosen),
        constant("images", variant.values["images"], 0, chosen),
        constant("epsilon", variant.values["epsilon"], 2, chosen),
        *_trials(variant, chosen),
        *_pictures(variant, tested),
        *_curves(variant, tested),
    ]
    return items


def _trials(variant: VariantResults, source: str) -> list[Number]:
    """Return what each epsilon did to the single images."""
    numbers = [constant("trials", len(variant.trials), 0, source)]
    for place, trial in enumerate(variant.trials, 1):
        key = f"trial_{place}"
        fooled = {int(seed): metrics["fooled"] for seed, metrics in trial["metrics"].items()}
        doubt = {int(seed): 100 * (1 - metrics["doubt"]) for seed, metrics in trial["metrics"].items()}
        numbers.append(constant(f"{key}.epsilon", trial["values"]["epsilon"], 2, source))
        numbers.append(measured(f"{key}.fooled", fooled, 1, "higher", source))
        numbers.append(measured(f"{key}.truth", doubt, 0, "lower", source, "%"))
        if trial["chosen"]:
            numbers.append(constant("fooled.least", min(fooled.values()), 0, source))
    return numbers


def _pictures(variant: VariantResults, source: str) -> list[Item]:
    """Return for each picture of the first seed the true class, the class after the attack, and probabilities."""
    arrays = variant.artifacts[min(variant.artifacts)]
    names = arrays["names"].tolist()
    numbers: list[Item] = [constant("shown_seed", min(int(seed) for seed in variant.artifacts), 0, source)]
    fooled = 0
    for place, truth in enumerate(arrays["labels"]):
        before, after = arrays["before"][place], arrays["after"][place]
        fooled += int(after.argmax() != truth)
        numbers += [
            Text(f"picture_{place + 1}.label", names[truth], source),
            Text(f"picture_{place + 1}.after", names[after.argmax()], source),
            constant(f"picture_{place + 1}.sure_before", 100 * float(before.max()), 0, source, "%"),
            constant(f"picture_{place + 1}.sure_after", 100 * float(after.max()), 0, source, "%"),
            constant(f"picture_{place + 1}.truth_after", 100 * float(after[truth]), 0, source, "%"),
        ]
    return [*numbers, constant("fooled.shown", fooled, 0, source)]


def _curves(variant: VariantResults, source: str) -> list[Number]:
    """Return the accuracy on the test part for each epsilon, 0 first."""
    epsilons = next(iter(variant.artifacts.values()))["epsilons"].tolist()
    test = next(iter(variant.test.values()))
    numbers = [constant("test_images", test["test_images"], 0, source), constant("levels", len(epsilons), 0, source)]
    for place, epsilon in enumerate(epsilons):
        numbers.append(constant(f"level_{place}.epsilon", epsilon, 2, source))
        for metric, better in (("accuracy", "higher"), ("noise", "higher")):
            name = f"{metric}_{place}"
            samples = {int(seed): 100 * metrics[name] for seed, metrics in variant.test.items()}
            numbers.append(measured(f"level_{place}.{metric}", samples, DIGITS, better, source, "%", name))
    return numbers
