"""What a build shows: a bar with what runs now on a terminal, plain lines with a count elsewhere."""
