"""Networks that more than one problem or data set uses."""
