"""The companion's stage: messy real text and our own bank → `phrases.csv`."""
