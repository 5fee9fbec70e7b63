"""Finding personal data and keeping the originals behind placeholders."""
