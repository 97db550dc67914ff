"""What may be printed: numbers with their spread, claims, published numbers."""
