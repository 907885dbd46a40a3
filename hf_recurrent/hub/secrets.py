"""Find known forms of secrets in a text: those of ``detect-secrets``, the Hub's own, and more.

Only the patterns of ``detect-secrets`` are used. It could also try a secret at its service, but
nothing is sent from here. Its search by entropy is not used: digests, base64 and the words of a
vocabulary look the same.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator
from importlib import import_module

_PLUGINS = (
    *("aws", "azure_storage_key", "basic_auth", "cloudant", "discord"),
    *("github_token", "gitlab_token", "ibm_cloud_iam", "ibm_cos_hmac", "jwt", "keyword"),
    *("mailchimp", "npm", "openai", "private_key", "pypi_token", "sendgrid", "slack"),
    *("softlayer", "square_oauth", "stripe", "telegram_token", "twilio"),
)
_WORDS = (
    r"pass(?:word|wd|phrase)|pwd|secret|(?:api|auth|access|account|private|client|service|signing"
    r"|encryption|session|admin|license|licence)[ _.-]?(?:key|token|secret|pass)|credentials?"
)
# The prefixes are long enough to identify a secret, so the text before them does not matter.
_FORMS = {
    "a token of the Hub": r"hf_(?:oauth_|jwt_)?[A-Za-z0-9]{20,}|api_org_[A-Za-z0-9]{20,}",
    "a private key": (
        r"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-\d"
        r"|AGE-SECRET-KEY-1[A-Z0-9]{20,}"
    ),
    "an access key": r"(?:AKIA|ASIA)[0-9A-Z]{16}|LTAI[A-Za-z0-9]{16,}|AKID[A-Za-z0-9]{32}",
    "a secret key of AWS": (
        r"(?i:secret_?-?access_?-?key|aws_?-?secret(?:_?-?key)?)\W{1,8}[A-Za-z0-9/+]{40}"
        r"(?![A-Za-z0-9/+])"
    ),
    "a token of a code host": (
        r"gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{20,}|gl(?:pat|dt|ft|soat|rt|ptt|imt|agent|cbt)-"
        r"[\w-]{20,}|ATATT3[\w=-]{20,}|ATBB[A-Za-z0-9]{28,}"
    ),
    "a token of a package registry": (
        r"npm_[A-Za-z0-9]{30,}|pypi-[\w-]{50,}|rubygems_[0-9a-f]{40,}|dckr_(?:pat|oat)_[\w-]{20,}"
        r"|_authToken\s*=\s*[\w-]{16,}"
    ),
    "a key of an API": (
        r"AIza[\w-]{30,}|GOCSPX-[\w-]{20,}|ya29\.[\w-]{20,}|xox[abeoprs]-(?=[\w-]*\d)[\w-]{10,}"
        r"|xapp-\d-[\w-]{20,}|sk-(?:proj|svcacct|admin|ant-\w+|or-v\d|lf)-[\w-]{16,}"
        r"|(?<![\w-])sk-(?=[A-Za-z]*\d)[A-Za-z0-9]{20,}|gsk_[A-Za-z0-9]{40,}|xai-[A-Za-z0-9]{40,}"
        r"|pplx-[A-Za-z0-9]{40,}|tvly-[\w-]{20,}|r8_[A-Za-z0-9]{30,}|nvapi-[\w-]{40,}"
        r"|pcsk_\w{40,}|fw_[A-Za-z0-9]{24}(?!\w)|wandb_v1_\w{40,}"
        r"|dapi[0-9a-f]{32}|do[opr]_v1_[0-9a-f]{40,}|shp(?:at|ca|pa|ss)_[0-9A-Fa-f]{32}"
        r"|sq0(?:atp|csp|idp)-[\w-]{22,}|whsec_[\w+/=]{20,}|[rsp]k_(?:live|test)_[A-Za-z0-9]{16,}"
        r"|sbp_[0-9a-f]{40}|sb_secret_[\w-]{20,}|lin_api_[A-Za-z0-9]{30,}"
        r"|(?:ntn|secret)_[A-Za-z0-9]{40,}|figd_[\w-]{30,}|PMAK-[0-9a-f-]{40,}|NRAK-[A-Z0-9]{27}"
        r"|sntry[su]_[\w=+/-]{30,}|hv[sb]\.[\w-]{20,}|\.atlasv1\.[\w-]{50,}|gl(?:sa|c)_[\w+/=]{30,}"
        r"|pscale_(?:tkn|pw|oauth)_[\w.-]{30,}|pat[A-Za-z0-9]{14}\.[0-9a-f]{64}"
        r"|dp\.(?:pt|st|ct|sa|scim|audit)\.[\w.]{30,}|HRKU-[\w-]{30,}|EAA[A-Za-z0-9]{80,}"
        r"|(?<!\w)key-[0-9a-f]{32}(?!\w)|xkeysib-[0-9a-f]{40,}|re_[A-Za-z0-9]{8}_[A-Za-z0-9]{20,}"
        r"|SG\.[\w-]{16,}\.[\w-]{16,}|[\w~.-]{3}\dQ~[\w~.-]{30,}|EZ[AT]K[A-Za-z0-9]{54}|(?<!\w)AKC[A-Za-z0-9]{40,}"
    ),
    "a webhook": (
        r"hooks\.slack\.com/(?:services|workflows|triggers)/[\w/-]{12,}"
        r"|discord(?:app)?\.com/api/webhooks/\d+/[\w-]{20,}|\.webhook\.office\.com/[\w@/-]{30,}"
    ),
    "a signed address": r"[?&](?:sig|X-Amz-Signature|X-Goog-Signature|Signature)=[\w%/+=-]{32,}",
    "a JSON web token": r"eyJ[\w-]{10,}\.(?:eyJ|e30)[\w-]*",
    "a password in an address": (
        r"[A-Za-z][A-Za-z0-9+.-]{1,20}://[^\s/:@\"'<>{}$\[\]]{0,80}:[^\s/@\"'<>{}$\[\]]{3,120}@[\w\[]"
    ),
    "a header of a login": r"(?i:authorization)\W{1,6}(?i:basic|bearer|token)\s+[\w+/=.~-]{16,}",
    "a login of .netrc": r"\blogin\s+\S{1,80}\s+password\s+\S{3,}",
    "a key of an account": r"(?i:AccountKey|SharedAccessKey)\s*=\s*[A-Za-z0-9+/=]{40,}",
    "a key of Kaggle": r"[\"']key[\"']\s*:\s*[\"'][0-9a-f]{32}[\"']",
}
_KNOWN = [(kind, re.compile(form, re.ASCII)) for kind, form in _FORMS.items()]
# A name of a secret with a value that is in quotes, or that is no word of prose.
_NAMED = re.compile(
    rf"(?i:{_WORDS})\w*[\"'`\])\\]*\s*(?:=>|(=)|:=?)\s*(?:\\*[\"'`]([^\s\"'`\\]{{4,}})\\*[\"'`]"
    rf"|([^\s\"'`,;()\[\]{{}}<>$\\]{{6,}})(?:(\s*[,;&}}\"'`\\]|\s*$)|(?=\s)))",
    re.MULTILINE | re.ASCII,
)
_LONG = 16
_PLACEHOLDER = re.compile(
    r"(?i)[<\[{$%].*|(?:x+|\*+|\.+|_+|-+)|(?:your|my|the|insert|enter|change|example|dummy|fake)[_-]"
    r".*|null|none|true|false|undefined|password|secret|.*(?:getpass|environ|getenv|input\().*"
)
_BARE = re.compile(r"(?<![\w/+=.-])[A-Za-z0-9/+]{40}(?![\w/+=.-])", re.ASCII)
_RANDOM = 4.2  # bits a character: 40 random ones have about 4.7, the longest path about 4
# Where a secret may be: a long run of characters, or a name with a value that is not a number.
# The patterns run over these places only, so long files are quick.
_RUN = re.compile(r"[A-Za-z0-9_.+/=~-]{16,}")
_NAMES = ("pass", "pwd", "secret", "key", "token", "credential", "authorization", "sig")
_GIVEN = re.compile(r"\w*[\"'`\])\\]*\s*(?:=>|[:=]=?)(?!\s*-?[\d.]+\s*(?:[,}\]]|$))", re.MULTILINE)
_MARKS = ("://", "-----begin", "login ")
_AROUND = 160
_PIECE = 2048  # characters that patterns run over at once: none is linear in the worst case
_OVERLAP = 512
_AWS = "AWS Access Key"


def secrets_in(text: str, *, is_code: bool = False) -> Iterator[tuple[int, str]]:
    """Find known forms of secrets.

    Args:
        text: Any text. The work is linear in its length.
        is_code: Whether a value without quotes may be the name of a variable.

    Yields:
        Where each begins, or a little before, in rising order of the parts that are searched; and
        its kind, as in "a token of the Hub". The secret itself is not shown.
    """
    for start, piece in _pieces(text):
        # The first search that finds something says most; the next would find the same secret.
        for look in (_by_form, _by_name, _by_plugin):
            found = dict.fromkeys(look(piece, is_code))
            if found:
                yield from ((start + at, kind) for at, kind in found)
                break


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """Yield the parts of a text that may hold a secret, each with its offset."""
    start = stop = 0
    for begin, end in _candidates(text):
        line = text.rfind("\n", max(stop, begin - _AROUND), begin) + 1
        first = max(line, begin - _AROUND)
        if first > stop:
            yield from _cut(text, start, stop)
            start = first
        broken = text.find("\n", end, end + _AROUND)
        stop = max(stop, broken if broken >= 0 else end + _AROUND)
    yield from _cut(text, start, stop)


def _candidates(text: str) -> list[tuple[int, int]]:
    """Return the spans where a secret may be, in rising order."""
    low = text.lower()
    found = [match.span() for match in _RUN.finditer(text)]
    for literal in _MARKS:
        found += [(at, at + len(literal)) for at in _places(low, literal)]
    for name in _NAMES:
        for at in _places(low, name):
            given = _GIVEN.match(text, at, at + 2 * _AROUND)
            if given:
                found.append(given.span())
    return sorted(found)


def _places(text: str, literal: str) -> Iterator[int]:
    at = text.find(literal)
    while at >= 0:
        yield at
        at = text.find(literal, at + len(literal))


def _cut(text: str, start: int, stop: int) -> Iterator[tuple[int, str]]:
    while start < stop:
        yield start, text[start : min(stop, start + _PIECE)]
        if start + _PIECE >= stop:
            return
        start += _PIECE - _OVERLAP


def _by_form(text: str, is_code: bool) -> Iterator[tuple[int, str]]:
    for kind, form in _KNOWN:
        for found in form.finditer(text):
            yield found.start(), kind
    for found in _BARE.finditer(text):
        if _is_random(found[0]):
            yield found.start(), "a secret key of AWS"


def _by_name(text: str, is_code: bool) -> Iterator[tuple[int, str]]:
    for found in _NAMED.finditer(text):
        equals, quoted, plain, ends = found.groups()
        if plain and (is_code or not (equals or ends is not None or len(plain) >= _LONG)):
            continue  # a variable in code, or prose
        value = quoted or plain
        if not _PLACEHOLDER.fullmatch(value) and (quoted or _is_odd(value)):
            yield found.start(), "a password or key by its name"


def _by_plugin(text: str, is_code: bool) -> Iterator[tuple[int, str]]:
    for line in re.finditer(r"[^\n]+", text):
        for name, analyze in _plugins():
            for value in analyze(line[0]):
                if name == _AWS and not any(map(str.isdigit, value)):
                    continue
                if name == "Secret Keyword" and (
                    len(value) < 4 or " " in value.strip() or _PLACEHOLDER.fullmatch(value)
                ):
                    continue
                yield line.start(), f"what looks like {name} (detect-secrets)"


def _plugins() -> list[tuple[str, Callable[[str], Iterator[str]]]]:
    if not _LOADED:
        for name in _PLUGINS:
            module = import_module(f"detect_secrets.plugins.{name}")
            found = [
                kind
                for kind in vars(module).values()
                if isinstance(kind, type) and kind.__module__ == module.__name__
            ]
            _LOADED.extend(
                (plugin.secret_type, plugin.analyze_string)
                for plugin in (kind() for kind in found if hasattr(kind, "secret_type"))
            )
    return _LOADED


_LOADED: list[tuple[str, Callable[[str], Iterator[str]]]] = []


def _is_odd(value: str) -> bool:
    """Return whether a value has letters and digits or marks, as no word of prose has."""
    return bool(re.search(r"[A-Za-z]", value)) and bool(re.search(r"[0-9!@#%^&*+~]", value))


def _is_random(value: str) -> bool:
    kinds = (r"[a-z]", r"[A-Z]", r"[0-9]", r"[/+]")
    if not all(re.search(kind, value) for kind in kinds):
        return False
    shares = [count / len(value) for count in Counter(value).values()]
    return -sum(share * math.log2(share) for share in shares) >= _RANDOM
