"""Turns a raw mail into the text that its reader sees."""

import codecs
import email
import email.errors
import email.header
from email.message import Message
from html.parser import HTMLParser

from .encodings import decode_line

# Python's names of charsets that mails often claim wrongly.
_NAMED_BY_HABIT = frozenset({"ascii", "iso8859-1"})
# Content that is not shown, and tags that break the line.
_HIDDEN = frozenset({"script", "style"})
_BREAKS = frozenset({"br", "p", "div", "tr", "li", "td", "h1", "h2", "h3", "h4", "table"})


def mail_text(raw: bytes) -> str:
    """Return the subject and the body of a mail.

    The result is the decoded subject and the parts with plain text. If there are none, it has the
    HTML parts without tags, scripts and styles. All other headers are left out: the addresses,
    dates and servers in a collection of mails show where a mail was collected, and so its class.
    Attached files are left out.

    A part is decoded with the charset that it names. If that fails, or the charset is ASCII or
    latin-1, which many mails name wrongly, the text is read as UTF-8 or else as Windows-1252
    (``encodings.decode_line``). So is a subject that names no charset.
    """
    message = email.message_from_bytes(raw)
    plain: list[str] = []
    html: list[str] = []
    for part in message.walk():
        if part.get_content_disposition() == "attachment":
            continue
        if part.get_content_type() == "text/html":
            html.append(_without_tags(_content(part)))
        elif part.get_content_maintype() == "text":
            plain.append(_content(part))
    body = "\n".join(plain).strip() or "\n".join(html).strip()
    return f"{_subject(message)}\n\n{body}".strip()


def _subject(message: Message) -> str:
    values = (value for name, value in message.raw_items() if name.lower() == "subject")
    # The parser of mails represents bytes beyond ASCII as lone surrogates.
    value = decode_line(next(values, "").encode("ascii", "surrogateescape"))[0]
    try:
        subject = str(email.header.make_header(email.header.decode_header(value)))
    except (LookupError, ValueError, email.errors.HeaderParseError):
        subject = value
    return " ".join(subject.split())


def _content(part: Message) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    charset = part.get_content_charset("utf-8")
    try:
        if codecs.lookup(charset).name not in _NAMED_BY_HABIT:
            return payload.decode(charset)
    except (LookupError, ValueError):
        pass
    return decode_line(payload)[0]


class _Text(HTMLParser):
    """Collects the text that a browser would show."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in _HIDDEN
        if tag in _BREAKS:
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _HIDDEN:
            self._hidden = max(0, self._hidden - 1)
        if tag in _BREAKS:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.pieces.append(data)


def _without_tags(html: str) -> str:
    parser = _Text()
    parser.feed(html)
    parser.close()
    lines = (" ".join(line.split()) for line in "".join(parser.pieces).splitlines())
    return "\n".join(line for line in lines if line)
