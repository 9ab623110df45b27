"""Creating jobs by hand, once or again and again, and editing those that have not begun."""
