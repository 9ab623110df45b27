"""The dirty spellings of platforms and the nine domains."""

import pytest

from gameplatform.categories import DOMAINS, domain_of
from gameplatform.simulator.domains import DOMAINS as SIMULATED


@pytest.mark.parametrize(
    ("category", "domain"),
    [
        ("web", "Web"),
        ("WEB", "Web"),
        ("crypto", "Cryptography"),
        ("Recon", "OSINT"),
        ("osint", "OSINT"),
        ("foren", "Forensics"),
        ("binexp", "Binary Exploitation"),
        ("binary_exploitation", "Binary Exploitation"),
        ("pwn", "Binary Exploitation"),
        ("reven", "Reverse Engineering"),
        ("REVERSE-ENGINEERING", "Reverse Engineering"),
        ("networking", "Networking"),
        ("os", "Operating Systems"),
        (" Operating  Systems\n", "Operating Systems"),
        ("misc", "Miscellaneous"),
        ("", "Miscellaneous"),
        (" _ ", "Miscellaneous"),
    ],
)
def test_known_spellings_become_one_of_the_nine_domains(category: str, domain: str) -> None:
    assert domain_of(category) == domain
    assert domain in DOMAINS


@pytest.mark.parametrize("category", ["cloud_security", "CLOUD SECURITY", "Cloud-Security"])
def test_a_new_category_is_one_domain_however_it_is_spelled(category: str) -> None:
    assert domain_of(category) == "Cloud Security"


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_domain_stays_what_it_is(domain: str) -> None:
    assert domain_of(domain) == domain


def test_there_are_nine_domains_and_the_simulator_knows_them_all() -> None:
    spelled = {domain_of(spelling) for domain in SIMULATED for spelling in domain.spellings}

    assert len(DOMAINS) == 9
    assert set(DOMAINS) <= spelled
