"""What stops processing: the switch "Automatic Processing", and the pauses."""
