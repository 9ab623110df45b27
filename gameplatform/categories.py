"""The one place that turns a challenge category, as platforms spell it, into a domain."""

import re

WEB = "Web"
CRYPTOGRAPHY = "Cryptography"
OSINT = "OSINT"
FORENSICS = "Forensics"
BINARY_EXPLOITATION = "Binary Exploitation"
REVERSE_ENGINEERING = "Reverse Engineering"
NETWORKING = "Networking"
OPERATING_SYSTEMS = "Operating Systems"
MISCELLANEOUS = "Miscellaneous"

DOMAINS = (
    WEB,
    CRYPTOGRAPHY,
    OSINT,
    FORENSICS,
    BINARY_EXPLOITATION,
    REVERSE_ENGINEERING,
    NETWORKING,
    OPERATING_SYSTEMS,
    MISCELLANEOUS,
)

_SPELLINGS = {
    WEB: ("web exploitation", "web security", "web app", "webex"),
    CRYPTOGRAPHY: ("crypto",),
    OSINT: ("recon", "reconnaissance", "open source intelligence"),
    FORENSICS: ("foren", "forensic", "digital forensics", "dfir"),
    BINARY_EXPLOITATION: ("binexp", "bin exp", "binary", "pwn", "pwning"),
    REVERSE_ENGINEERING: ("reven", "rev eng", "rev", "re", "reverse", "reversing"),
    NETWORKING: ("net", "network", "networks"),
    OPERATING_SYSTEMS: ("os", "operating system"),
    MISCELLANEOUS: ("misc", ""),
}
_BY_SPELLING = {spelling: domain for domain in DOMAINS for spelling in (domain.lower(), *_SPELLINGS[domain])}


def domain_of(category: str) -> str:
    """One of the nine domains, or for anything new its words in title case.

    Case, underscores, hyphens and extra spaces do not matter; no category at all is miscellaneous.
    """
    words = re.sub(r"[\s_-]+", " ", category).strip().casefold()
    return _BY_SPELLING.get(words) or " ".join(word.capitalize() for word in words.split())
