"""What the next build would run, why, and what that will take; afterwards, how far off that was."""
