"""Totals per account, computed from the mirror's rows."""
