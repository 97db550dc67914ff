"""The nine steps that rules call, and their common frame."""
