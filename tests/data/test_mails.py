"""What is kept of a mail."""

from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hf_recurrent.data.mails import mail_text


def mail(*lines: str) -> bytes:
    return "\n".join(lines).encode("utf-8")


def test_subject_and_body_without_the_other_headers():
    raw = mail(
        "From someone@example.org Thu Aug 22 12:36:23 2002",
        "Delivered-To: where-it-was-collected@example.org",
        "X-Spam: yes",
        "Subject: a long",
        "    subject",
        "",
        "Hello,",
        "bye.",
    )
    assert mail_text(raw) == "a long subject\n\nHello,\nbye."


def test_html_is_stripped_where_there_is_no_plain_text():
    raw = mail(
        "Subject: Offer",
        "Content-Type: text/html",
        "",
        "<html><head><style>p {color: red}</style><script>x < 1</script></head><body>",
        "<p>Buy&nbsp;<b>n</b>ow</p>5 &lt; 6<br>End<!-- hidden -->",
    )
    assert mail_text(raw) == "Offer\n\nBuy now\n5 < 6\nEnd"


def test_plain_text_comes_before_html_and_attachments_are_left_out():
    message = EmailMessage()
    message["Subject"] = "Grüße"
    message.set_content("plain ü\n", charset="latin-1")
    message.add_alternative("<b>html</b>", subtype="html")
    message.add_attachment("secret", filename="a.txt")
    message.add_attachment(b"\x00\x01", maintype="image", subtype="png")
    assert mail_text(message.as_bytes()) == "Grüße\n\nplain ü"


@pytest.mark.parametrize(
    ("header", "body", "expected"),
    [
        ("Content-Type: text/plain; charset=no-such", b"caf\xe9", "café"),
        ("Content-Type: text/plain; charset=utf-8", b"caf\xe9", "café"),
        ("Content-Type: text/plain; charset=gb2312", "你好".encode("gb2312"), "你好"),
        ("Content-Type: text/plain; charset=no-such", b"\x93x\x94", "“x”"),
        ("Content-Type: text/plain", b"\x93x\x94", "“x”"),
        ("Content-Type: text/plain; charset=us-ascii", b"\x93x\x94", "“x”"),
        ("Content-Type: text/plain; charset=ISO-8859-1", b"\x93x\x94", "“x”"),
        ("Content-Type: text/plain; charset=no-such", "“é”".encode(), "“é”"),
        ("Content-Type: text/plain; charset=us-ascii", "“é”".encode(), "“é”"),
        ("Content-Type: text/plain; charset=latin1", "“é”".encode(), "“é”"),
        ("Content-Type: text/plain; charset=shift_jis", "“é”".encode(), "“é”"),
        ("Content-Type: text/html; charset=no-such", b"<p>\x80 5</p>", "€ 5"),
        ("Subject: =?no-such?q?x?=", b"body", "=?no-such?q?x?=\n\nbody"),
        ("Content-Type: multipart/mixed", b"no boundary", ""),
        ("Content-Transfer-Encoding: base64", b"not base64!", None),
    ],
)
def test_broken_mails(header, body, expected):
    text = mail_text(header.encode() + b"\n\n" + body)
    if expected is not None:
        assert text == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"\xa31,100 a\n week", "£1,100 a week"),
        (b"\x93x\x94", "“x”"),
        ("“é”".encode(), "“é”"),
    ],
)
def test_bytes_of_a_subject(raw, expected):
    assert mail_text(b"SUBJECT: " + raw + b"\nX-Other: y\n\n") == expected


@given(st.binary())
def test_any_bytes_give_a_text(raw):
    mail_text(raw).encode("utf-8")
    mail_text(b"Subject: x\nContent-Type: text/html; charset=utf-8\n\n" + raw).encode("utf-8")
    mail_text(b"Subject: " + raw + b"\n\nbody").encode("utf-8")
