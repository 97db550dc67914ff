"""What the engine hands to a problem and takes back, and all that surrounds a training."""
