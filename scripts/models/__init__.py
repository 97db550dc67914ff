"""Networks that more than one problem uses."""
