"""The nine domains, each with the spellings the platform uses for it and the work roles it trains."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Domain:
    """`spellings` come unnormalised, as the platform sends them."""

    spellings: tuple[str, ...]
    work_roles: tuple[str, ...]


DOMAINS = (
    Domain(("web", "Web", "WEB"), ("Secure Software Development", "Vulnerability Analysis")),
    Domain(("crypto", "Cryptography", "CRYPTO", "cryptography"), ("Secure Systems Development",)),
    Domain(("osint", "OSINT", "Recon"), ("All-Source Analysis", "Threat Analysis")),
    Domain(("foren", "Forensics", "forensics"), ("Digital Forensics", "Incident Response")),
    Domain(("binexp", "binary_exploitation", "Binary Exploitation"), ("Exploitation Analysis",)),
    Domain(("reven", "reverse_engineering", "Reverse Engineering"), ("Digital Evidence Analysis",)),
    Domain(("networking", "Networking", "NETWORKING"), ("Network Operations", "Defensive Cybersecurity")),
    Domain(("os", "operating_systems", "Operating Systems"), ("Systems Administration",)),
    Domain(("misc", "Miscellaneous", "MISC", "ai_security"), ()),
)
