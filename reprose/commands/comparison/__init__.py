"""What two commits' numbers differ in."""
