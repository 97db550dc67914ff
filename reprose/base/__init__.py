"""What every room needs: errors, canonical text and digests, arrays on disk."""
