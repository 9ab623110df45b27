"""The screen of accounts: how each is linked, synced and scored, and the page of one."""
