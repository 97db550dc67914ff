"""The jobs of a project: their descriptions, keys, records, locks and audit."""
