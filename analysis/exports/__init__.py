"""The parts of an export: what is wanted, its tables, its files, and the manifest beside them."""
