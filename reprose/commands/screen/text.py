"""Times in few characters."""


def clock(seconds: float) -> str:
    """Return a time as a clock shows it: "0:07", "12:03", "1:02:03"."""
    minutes, left = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"
