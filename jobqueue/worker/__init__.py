"""The worker: a supervisor that claims, hands out, writes outcomes and beats, and its services."""
