"""What the next build will run, why, and how long that takes."""
