"""Addresses as text: the form in which two addresses name one article, the domain that owns a host, safe
display.

It reads strings only; it must never resolve, fetch or look at anything outside its arguments.
"""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import sha256
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit, urlunsplit

#: Query parameters that only say where a reader came from; the page is the same without them.
_TRACKING_WORDS = """
fbclid gclid dclid gbraid wbraid msclkid yclid ysclid twclid ttclid igshid mc_cid mc_eid mkt_tok
oly_anon_id oly_enc_id vero_id vero_conv wickedid rb_clickid s_cid icid ncid cmpid cmp ocid xtor ito
wt_mc wt.mc_id _ga _gl _hsenc _hsmi __hssc __hstc __hsfp hsctatracking spm scm ga_source ga_medium
ga_campaign ga_term ga_content at_medium at_campaign at_custom1 at_custom2 at_custom3 at_custom4
at_link_id at_link_origin at_link_type at_format at_ptr_name at_bbc_team at_campaign_type ns_mchannel
ns_source ns_campaign ns_linkname ns_fee guccounter guce_referrer guce_referrer_sig traffic_source
smid smtyp smprod partner_src campaign_id cmp_id mod_rss feature_rss from_rss xtref srnd taid share_id
sharetype ref_src ref_url google_editors_picks amp_js_v usqp outputtype
"""
_TRACKING = frozenset(_TRACKING_WORDS.split())
_TRACKING_PREFIXES = (
    "utm_", "pk_", "mtm_", "piwik_", "matomo_", "hsa_", "trk_", "stm_", "itm_", "wt_zmc",
)  # fmt: skip
#: Parameters that mean tracking only with these values: `ref=rss` says nothing, `ref=main` may choose a page.
_TRACKING_VALUES = re.compile(
    r"(?:ref|source|src|from|rss|feed|via|origin|partner|mod|f|share|sref)="
    r"(?:rss(?:[-_]?feeds?)?|feeds?|rss2?(?:[-_.]\w+)?|xml|atom|twitter|facebook|feedburner|newsletter|social)?\Z",
    re.IGNORECASE,
)
_AMP_QUERY = re.compile(r"(?:amp|amp;?)(?:=1|=true|=)?\Z|output(?:type)?=amp\Z", re.IGNORECASE)
_AMP_PATH = re.compile(r"(?:/amp|/amp\.html|\.amp(?=\.html?\Z)|\.amp|/)\Z|\.amp(?=\.html?\Z)")
_DEFAULT_PORTS = {"http": "80", "https": "443"}
_SECRET_NAME = re.compile(
    r"token|key|auth|secret|pass|pwd|sig|session|sid\Z|code\Z|hash|credential|jwt|user\Z|login|access",
    re.IGNORECASE,
)
_TOKEN_VALUE = re.compile(r"(?=[^/]*\d)(?=[^/]*[A-Za-z])[A-Za-z0-9_\-+=.~%]{20,}\Z|[0-9a-fA-F]{16,}\Z")
_WEBHOOK_HOSTS = re.compile(r"(?:\A|\.)(?:hooks\.slack\.com|discord(?:app)?\.com|webhook\.office\.com)\Z")


#: An address in its usual form, which needs no full parser: scheme, name, path, query, fragment.
_USUAL = re.compile(
    r"https?://((?:[a-z0-9\-]+\.)+[a-z]+)(/[!-\"$->@-\[\]-~]*)?(?:\?([!-\"$-\[\]-~]*))?(?:#([!-\[\]-~]*))?\Z"
)


def is_http(url: str | None) -> bool:
    """Whether this is an absolute http or https address with a host."""
    if not url:
        return False
    if _USUAL.match(url):
        return True
    parts = _split(url)
    return parts is not None and parts.scheme in _DEFAULT_PORTS and bool(parts.hostname)


def join(base: str | None, link: str | None) -> str | None:
    """`link` made absolute against `base` (RFC 3986 section 5); None unless that is an http(s) address."""
    if not link or not (link := _clean(link)):
        return None
    if not link.startswith(("https://", "http://")):
        try:
            link = urljoin(base or "", link)
        except ValueError:
            return None
    return link if is_http(link) else None


@lru_cache(maxsize=8192)
def canonical(url: str) -> str:
    """The form in which two addresses of one article are equal; not for fetching. Idempotent.

    http is written https, host in lower case without `www.`, `amp.` and `m.`, no default port, userinfo,
    fragment, tracking parameter or AMP ending; the order of the other parameters does not count. Not
    http(s): returned as it is.
    """
    if usual := _USUAL.match(url):
        name, path, query, fragment = usual.groups("")
        host = _bare_of_prefixes(name)
    else:
        parts = _split(url)
        if parts is None or parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
            return url
        host, path, query, fragment = _host(parts), parts.path, parts.query, parts.fragment
    query, fragment = _query(query) if query else "", _meaningful(fragment)
    return f"https://{host}{_path(path)}{query and '?'}{query}{fragment and '#'}{fragment}"


@lru_cache(maxsize=8192)
def registrable_domain(host: str) -> str:
    """The domain one registers (public suffix plus one label, list shipped with `tld`); an IP address or a
    name without a known suffix is returned as it is, in lower case. A `host:port` or `[v6]` is accepted."""
    from tld import get_tld

    name = _bare_host(host)
    found: Any = get_tld(f"http://{name}", fail_silently=True, as_object=True, search_private=False)
    return str(found.fld) if found is not None and found.fld else name


def display(url: str) -> str:
    """An address fit for a log line: no userinfo, and *** for whatever looks like a token, in query or
    path."""
    parts = _split(url)
    if parts is None or not parts.scheme:
        return re.sub(r"//[^/@\s]*@", "//", url.partition("?")[0])[:300]
    netloc = parts.netloc.rpartition("@")[2]
    is_secret = _WEBHOOK_HOSTS.search(netloc.lower())
    path = "/***" if is_secret else "/".join(map(_hide_segment, parts.path.split("/")))
    query = "&".join(map(_hide_value, parts.query.split("&"))) if parts.query else ""
    return urlunsplit((parts.scheme, netloc, path, query, ""))[:300]


def without_secrets(url: str) -> str:
    """The address itself, or one that names it without what looks like a token: shown, and told apart by a hash."""
    shown = display(url)
    return url if shown == url else f"{shown}#{sha256(url.encode('utf-8', 'replace')).hexdigest()[:16]}"


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(_clean(url))
        _ = parts.port, parts.hostname  # both raise on what they cannot read
    except ValueError:
        return None
    return parts


def _clean(url: str) -> str:
    """Without what browsers ignore too: outer white space, tabs and line breaks (WHATWG URL standard)."""
    url = url.strip()
    if not url.isprintable():
        url = re.sub(r"[\x00-\x1f\x7f]", "", url).strip()
    return url.replace("\\", "/")


def _host(parts: SplitResult) -> str:
    host = _bare_of_prefixes(_bare_host(parts.hostname or ""))
    port = parts.port
    shown = f"[{host}]" if ":" in host else host
    return shown if port is None or str(port) in _DEFAULT_PORTS.values() else f"{shown}:{port}"


@lru_cache(maxsize=1024)
def _bare_of_prefixes(host: str) -> str:
    while (stripped := re.sub(r"\A(?:www\d?|m|mobile|amp)\.(?=[^.]+\.[^.])", "", host)) != host:
        host = stripped
    return host


def _bare_host(host: str) -> str:
    name = host.strip().rstrip(".").lower()
    if name.startswith("["):
        return name[1:].partition("]")[0]
    if name.count(":") == 1:
        name = name.partition(":")[0]
    if name.isascii():
        return name
    try:
        return name.encode("idna").decode("ascii").rstrip(".")
    except UnicodeError:
        return name


def _path(path: str) -> str:
    path = _percent(path)
    while True:
        shorter = _AMP_PATH.sub("", path) if path.endswith(("/", "amp", "html", "htm")) else path
        if shorter == path or not shorter:
            return shorter or "/"
        path = shorter


def _query(query: str) -> str:
    pairs = (_percent(pair) for pair in query.split("&") if pair)
    return "&".join(sorted(pair for pair in pairs if pair.strip("=") and not _is_tracking(pair)))


def _is_tracking(pair: str) -> bool:
    name = pair.partition("=")[0].lower()
    return (
        name in _TRACKING
        or name.startswith(_TRACKING_PREFIXES)
        or bool(_TRACKING_VALUES.match(pair))
        or bool(_AMP_QUERY.match(pair))
    )


def _meaningful(fragment: str) -> str:
    """Only `#!…` and `#/…` choose a page (old single-page sites); every other fragment is a place in one."""
    return _percent(fragment) if fragment.startswith(("!", "/")) else ""


_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def _percent(text: str) -> str:
    """One spelling of percent-encoding: unreserved characters bare, everything else that needs it as %XX in
    capitals (RFC 3986 section 6.2.2)."""
    if text.isascii() and "%" not in text and not re.search(r"[^\w\-.~!$&'()*+,;=:@/?]", text):
        return text
    out = []
    for piece in re.split(r"(%[0-9A-Fa-f]{2})", text):
        if len(piece) == 3 and piece[0] == "%" and re.match(r"%[0-9A-Fa-f]{2}\Z", piece):
            char = chr(int(piece[1:], 16))
            out.append(char if char in _UNRESERVED else piece.upper())
        else:
            out.append(re.sub(r"[^\w\-.~!$&'()*+,;=:@/?]|[^\x00-\x7f]", _encode, piece))
    return "".join(out)


def _encode(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match.group().encode("utf-8", "replace"))


def _hide_value(pair: str) -> str:
    name, equals, value = pair.partition("=")
    if not equals:
        return "***" if _TOKEN_VALUE.match(name) else pair
    return f"{name}=***" if value and (_SECRET_NAME.search(name) or _TOKEN_VALUE.match(value)) else pair


def _hide_segment(segment: str) -> str:
    """Slugs and dates stay; what has neither words nor separators and is long is a token."""
    is_token = re.match(r"(?=\S*\d)(?=\S*[A-Za-z])[A-Za-z0-9_+=~%]{24,}\Z|[0-9a-fA-F]{24,}\Z", segment)
    return "***" if is_token else segment
