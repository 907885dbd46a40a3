"""Turns a raw mail into the text that a reader of the mail sees."""

import email
import email.errors
import email.header
from email.message import Message
from html.parser import HTMLParser

__all__ = ["mail_text"]

# Content that is not shown, and tags that break the line.
_HIDDEN = frozenset({"script", "style"})
_BREAKS = frozenset({"br", "p", "div", "tr", "li", "td", "h1", "h2", "h3", "h4", "table"})


def mail_text(raw: bytes) -> str:
    """Gives the subject and the body of a mail.

    Kept are the decoded subject and the text parts, or, where a mail has no plain text, its HTML
    parts without tags, scripts and styles. All other headers are left out: in collected mail the
    addresses, dates and servers tell where a mail was collected, and with it its class. Attached
    files are left out. A part that does not fit its charset is read as latin-1.
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
    value = message.get("Subject", "")
    try:
        subject = str(email.header.make_header(email.header.decode_header(value)))
    except (LookupError, ValueError, email.errors.HeaderParseError):
        subject = str(value)
    return " ".join(subject.split())


def _content(part: Message) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    try:
        return payload.decode(part.get_content_charset("utf-8"), errors="strict")
    except (LookupError, ValueError):
        return payload.decode("latin-1")


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
