"""What a person calls: the commands of `reprose`, and what the Snakefile calls."""
