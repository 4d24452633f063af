"""Addresses of stories: what counts as one, and when two are the same page."""

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from ada_url import URL, idna_to_unicode

from apps.core.addresses import is_public
from apps.core.errors import Invalid
from apps.core.text import clean_line
from apps.stories.models import DOMAIN_LENGTH, URL_LENGTH

# Parameters that say where a reader came from, not what is shown.
TRACKING_PREFIXES = ("utm_", "mtm_", "pk_", "hsa_", "vero_", "oly_")
TRACKING = {
    *("fbclid", "gclid", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "twclid", "igshid", "igsh", "ttclid"),
    *("mc_cid", "mc_eid", "_hsenc", "_hsmi", "mkt_tok", "spm", "s_cid", "ref_src", "ref_url", "cmpid", "ncid"),
}


class BadLink(Invalid):
    """Not the address of a web page."""

    code = "bad-link"
    message = "This is not the address of a web page. It begins with https:// and a name, such as https://example.org."
    field = "url"


@dataclass(frozen=True, slots=True)
class Link:
    """A web address as stored (`url`), as compared (`normalized_url`), and its `domain` without "www."."""

    url: str
    normalized_url: str
    domain: str


def parse_url(text: str) -> Link:
    """The link that a browser would open for `text` (WHATWG URL standard). Raises BadLink."""
    try:
        parsed = URL(clean_line(text))
    except ValueError as error:
        raise BadLink from error
    host = parsed.hostname
    if parsed.protocol not in {"http:", "https:"} or not _is_public(host):
        raise BadLink
    if parsed.username or parsed.password:
        raise BadLink("Leave out the name and password in the address: everybody would see them.")
    if len(parsed.href) > URL_LENGTH:
        raise BadLink(f"This address is longer than {URL_LENGTH:,} characters. Link to the page in a shorter way.")
    domain = host.rstrip(".")
    # "www.com" is a name of its own.
    domain = domain.removeprefix("www.") if domain.count(".") > 1 else domain
    return Link(url=parsed.href, normalized_url=_normalized(parsed, domain), domain=domain)


def host_of(name: str) -> str:
    """The name of a web site as browsers write it, "xn--mnchen-3ya.de" for "münchen.de"; "" when it is none."""
    try:
        host = URL(f"https://{clean_line(name)}").hostname
    except ValueError:
        return ""
    return host if _is_public(host) else ""


def _is_public(host: str) -> bool:
    """Whether strangers can reach it: a name of several parts, or an address outside private networks."""
    if host.startswith("[") or host.rpartition(".")[2].isdigit():
        # A browser takes a name whose last part is a number for an address.
        return is_public(host.strip("[]"))
    if "xn--" in host and ".xn--" in f".{idna_to_unicode(host)}":
        # What is left of "xn--" stands for no letters: browsers refuse it, the parser lets it pass.
        return False
    return "." in host.strip(".") and len(host) <= DOMAIN_LENGTH


def _normalized(parsed: URL, domain: str) -> str:
    """Without scheme, "www.", tracking parameters, their order, fragment and trailing slash."""
    kept = sorted(
        (name, value)
        for name, value in parse_qsl(parsed.search.removeprefix("?"), keep_blank_values=True)
        if name.lower() not in TRACKING and not name.lower().startswith(TRACKING_PREFIXES)
    )
    port = f":{parsed.port}" if parsed.port else ""
    query = f"?{urlencode(kept)}" if kept else ""
    # "#!" and "#/" name pages of old single-page sites; any other fragment is a place on the page.
    fragment = parsed.hash if parsed.hash.startswith(("#!", "#/")) else ""
    return f"{domain}{port}{parsed.pathname.rstrip('/')}{query}{fragment}"[:URL_LENGTH]
