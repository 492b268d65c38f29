"""The companion: personas, the phrase bank, memory and care."""
