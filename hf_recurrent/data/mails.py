"""Turns a raw mail into the text that a reader of the mail sees."""

import codecs
import email
import email.errors
import email.header
from email.message import Message
from html.parser import HTMLParser

from .encodings import decode_line

__all__ = ["mail_text"]

# Charsets that mails name whatever their text is in, as Python calls them.
_NAMED_BY_HABIT = frozenset({"ascii", "iso8859-1"})
# Content that is not shown, and tags that break the line.
_HIDDEN = frozenset({"script", "style"})
_BREAKS = frozenset({"br", "p", "div", "tr", "li", "td", "h1", "h2", "h3", "h4", "table"})


def mail_text(raw: bytes) -> str:
    """Return the subject and the body of a mail.

    Kept are the decoded subject and the text parts, or, where a mail has no plain text, its HTML
    parts without tags, scripts and styles. All other headers are left out: in collected mail the
    addresses, dates and servers tell where a mail was collected, and with it its class. Attached
    files are left out.

    A part is read in the charset it names. Where it does not fit, and where the charset is ASCII
    or latin-1, which many mails name whatever they hold, the text is UTF-8 or else Windows-1252
    (`encodings.decode_line`); so is a subject whose bytes name none.
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
    # The parser of mails hides bytes beyond ASCII as lone surrogates.
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
    """Collects what a browser would show."""

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
