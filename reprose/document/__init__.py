"""From numbers and figures to the PDF and its web page."""
