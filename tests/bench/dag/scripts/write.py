"""Fill the numbers into a section: `write.py TEMPLATE.tex NUMBERS.json SECTION.tex`."""

import json
import sys
from pathlib import Path

template, numbers, section = map(Path, sys.argv[1:])
text = template.read_text()
for name, value in json.loads(numbers.read_text()).items():
    text = text.replace(f"<{name}>", f"{value:.4f}")
section.write_text(text)
