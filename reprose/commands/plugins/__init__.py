"""Plugins that Snakemake finds by their names; this folder is on its path while the front door runs it."""
