"""The archive: posts as Parquet files, a partition for each platform and day, beside the database or instead."""
