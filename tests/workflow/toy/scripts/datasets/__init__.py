"""One module per data set: its source, its reader, its splits and its sample maker."""
