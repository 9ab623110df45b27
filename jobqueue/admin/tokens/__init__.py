"""API tokens: one's own, or everybody's for who may manage them; a new one's secret is shown once."""
