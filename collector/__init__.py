"""Ground floor: fetches posts and rankings, and owns the data."""
