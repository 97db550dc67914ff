"""What code a step can reach, and its fingerprint."""
