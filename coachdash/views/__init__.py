"""The pages of the site outside /admin/, one per file."""
