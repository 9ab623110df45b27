"""One job's page, its live part and the texts behind it."""
