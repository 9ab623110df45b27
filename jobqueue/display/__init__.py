"""Stored JSON and text as the screens show them: masked, bounded, and with nothing that deceives the eye."""
