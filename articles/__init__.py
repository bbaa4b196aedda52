"""The one app: from archive files to an edited, searchable, published newsroom."""
