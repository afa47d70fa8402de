"""The only way from the database to analysis and screens: SQL in, frames with declared columns out."""
