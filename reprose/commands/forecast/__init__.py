"""What the next build will run and why, and how long that takes as far as past builds tell."""
