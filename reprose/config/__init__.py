"""What config.yaml and the templates ask for, checked and expanded."""
