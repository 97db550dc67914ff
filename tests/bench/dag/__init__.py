"""The same made-up jobs written for several tools: data, trainings of .2 s, evaluations, summaries, one LaTeX page."""
