"""The web page of a handout, made from the same LaTeX as the PDF."""
