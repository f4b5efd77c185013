"""The plan language: one body's year as data that people edit."""
