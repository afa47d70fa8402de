"""Middle floor: text becomes labels, labels become numbers. Never fetches, never draws."""
