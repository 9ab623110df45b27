"""The commands, as operators type them."""
