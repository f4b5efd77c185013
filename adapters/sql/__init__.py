"""The store on SQLite and PostgreSQL; rows never leave this package."""
