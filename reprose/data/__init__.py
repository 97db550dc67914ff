"""Raw files: where they come from, and how they get here, verified."""
