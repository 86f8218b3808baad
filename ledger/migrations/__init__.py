"""Revisions of the database, carried inside the package so that an installed program can upgrade itself."""
