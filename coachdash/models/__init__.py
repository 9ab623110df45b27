"""People as their schools know them, one noun per file. What the game platform knows is in `gameplatform`."""

from coachdash.models.coach_profile import CoachProfile
from coachdash.models.competitor import Competitor
from coachdash.models.organization import Organization
from coachdash.models.team import Team

__all__ = ["CoachProfile", "Competitor", "Organization", "Team"]
