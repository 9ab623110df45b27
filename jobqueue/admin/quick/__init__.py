"""Quick actions on the job list: their buttons, and the log that follows what they started."""
