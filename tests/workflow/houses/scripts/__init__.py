"""The project's own code: data sets, models, problems."""
