"""Known forms of secrets are found in every form of text, and ordinary files have none.

The secrets are put together when the tests run: none stands in this file.
"""

import base64
import itertools
import json
import random
import string
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

import hf_recurrent as hr
from hf_recurrent.hub.folder import check_files
from hf_recurrent.hub.private import line_numbers
from hf_recurrent.hub.secrets import secrets_in

_LETTERS = string.ascii_letters + string.digits


def _random(length: int, of: str = _LETTERS) -> str:
    """Make a text that holds a digit, a capital and a small letter, where they are allowed."""
    draw = random.Random(length)
    while True:
        made = "".join(draw.choices(of, k=length))
        kinds = (string.digits, string.ascii_uppercase, string.ascii_lowercase)
        if all(set(made) & set(kind) or not set(of) & set(kind) for kind in kinds):
            return made


def _part(content: dict[str, str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


_HEX = string.digits + "abcdef"
_CAPITALS = string.digits + string.ascii_uppercase
_AWS = _random(38) + "/+"
SECRETS = {
    "hub": "hf" + "_" + _random(34, string.ascii_letters),
    "hub, organisation": "api" + "_org_" + _random(34, string.ascii_letters),
    "aws id": "AK" + "IA" + _random(16, _CAPITALS),
    "aws secret, named": "aws_secret_" + "access_key = " + _random(40),
    "aws secret, json": '"Secret' + f'AccessKey": "{_AWS}"',
    "aws secret, bare": _AWS,
    "slack token": "xo" + f"xb-{_random(12, string.digits)}-{_random(24)}",
    "slack webhook": "https://hooks." + f"slack.com/services/T{_random(8)}/B{_random(8)}/"
    f"{_random(24)}",
    "discord webhook": "https://disc" + f"ord.com/api/webhooks/{_random(18, '123')}/{_random(68)}",
    "discord bot": f"M{_random(23)}.{_random(6)}.{_random(27)}",
    "stripe": "sk" + "_live_" + _random(24),
    "stripe, restricted": "rk" + "_live_" + _random(24),
    "stripe, test": "sk" + "_test_" + _random(24),
    "npm": "npm" + "_" + _random(36),
    "npm, in .npmrc": "//registry.npmjs.org/:_auth" + "Token=" + _random(36),
    "pypi": "py" + "pi-AgEIcHlwaS5vcmc" + _random(80),
    "docker": "dck" + "r_pat_" + _random(27),
    "rubygems": "ruby" + "gems_" + _random(48, _HEX),
    "jwt": f"{_part({'alg': 'HS256', 'typ': 'JWT'})}.{_part({'sub': '1234567890'})}.{_random(43)}",
    "password in an address": "https://ada:" + "hunter2@example.org/x",
    "password of a database": "postgres" + "://ada:s3cr-t!pw@db:5432/models",
    "password, json": '"pass' + 'word": "correct-horse"',
    "password, yaml": "db_pass" + "word: tr0ub4dor&3",
    "password, environment": "DB_PASS" + "WORD=tr0ub4dor3",
    "password, python": "pass" + "word = 'correcthorse'",
    "api key, json": '"api' + f'_key": "{_random(32)}"',
    "client secret, yaml": "client" + f"_secret: {_random(30)}",
    "github": "gh" + "p_" + _random(36),
    "github, fine-grained": "github" + "_pat_" + _random(82),
    "gitlab": "gl" + "pat-" + _random(20),
    "google": "AI" + "za" + _random(35),
    "google oauth": "GOC" + "SPX-" + _random(28),
    "openai": "sk" + f"-{_random(20)}T3BlbkFJ{_random(20)}",
    "openai, project": "sk" + "-proj-" + _random(48),
    "anthropic": "sk" + "-ant-api03-" + _random(80),
    "groq": "gs" + "k_" + _random(52),
    "replicate": "r" + "8_" + _random(37),
    "databricks": "da" + "pi" + _random(32, _HEX),
    "digitalocean": "do" + "p_v1_" + _random(64, _HEX),
    "sendgrid": "S" + f"G.{_random(22)}.{_random(43)}",
    "mailchimp": f"{_random(32, _HEX)}" + "-us12",
    "mailgun": "ke" + "y-" + _random(32, _HEX),
    "twilio": "S" + "K" + _random(32, _HEX),
    "telegram": f"{_random(10, string.digits)}" + ":" + _random(35),
    "square": "sq" + "0csp-" + _random(43),
    "shopify": "shp" + "at_" + _random(32, _HEX),
    "azure storage": "Account" + "Key=" + _random(86) + "==",
    "azure, signed": "https://a.example.org/b?sv=1&" + "sig=" + _random(43) + "%3D",
    "azure client secret": f"{_random(3)}8" + f"Q~{_random(34)}",
    "artifactory": "AK" + "C" + _random(60),
    "vault": "hv" + "s." + _random(24),
    "terraform": f"{_random(14)}" + f".atlasv1.{_random(67)}",
    "atlassian": "ATA" + "TT3" + _random(180),
    "private key": "-----BEGIN RSA " + "PRIVATE KEY-----",
    "private key, openssh": "-----BEGIN OPENSSH " + "PRIVATE KEY-----",
    "private key, pgp": "-----BEGIN PGP " + "PRIVATE KEY BLOCK-----",
    "bearer": "Authorization: " + "Bearer " + _random(40),
    "netrc": "machine example.org login ada " + "password x7!kq",
    "kaggle": '{"username": "ada", ' + f'"key": "{_random(32, _HEX)}"}}',
}
# A password without quotes in the middle of prose is not told from a word.
NOT_FOUND = {("password, yaml", "in a long line")}
PLAIN: dict[str, Callable[[str], bytes]] = {
    "utf-8": str.encode,
    "utf-16, marked": lambda text: text.encode("utf-16"),
    "utf-16-le": lambda text: text.encode("utf-16-le"),
    "utf-16-be": lambda text: text.encode("utf-16-be"),
    "utf-32-le": lambda text: text.encode("utf-32-le"),
    "behind a line": lambda text: b"one\n" + text.encode(),
    "in json": lambda text: json.dumps({"note": text}).encode(),
    "in json in json": lambda text: json.dumps({"note": json.dumps([text])}).encode(),
    "in json, utf-16": lambda text: json.dumps({"note": text}).encode("utf-16"),
    "escaped": lambda text: "".join(f"\\u{ord(sign):04x}" for sign in text).encode(),
    "escaped by python": lambda text: "".join(f"\\x{ord(sign):02x}" for sign in text).encode(),
    "in an address": lambda text: "".join(f"%{ord(sign):02X}" for sign in text).encode(),
    "in html": lambda text: "".join(f"&#{ord(sign)};" for sign in text).encode(),
    "in binary": lambda text: bytes(range(32)) + text.encode() + b"\0\0",
    "in a long line": lambda text: b"the cat sat " * 2000 + text.encode() + b" on it" * 2000,
}


@pytest.mark.parametrize("kind", SECRETS)
def test_each_kind_in_each_form(kind: str, tmp_path: Path) -> None:
    for number, (form, write) in enumerate(PLAIN.items()):
        if (kind, form) in NOT_FOUND:
            continue
        path = tmp_path / f"{number}.txt"
        path.write_bytes(write(SECRETS[kind]))
        refused = check_files(tmp_path, include=["*"]).refused
        assert any("would be published" in sentence for sentence in refused), form
        assert not any(SECRETS[kind] in sentence for sentence in refused), form
        path.unlink()


@pytest.mark.parametrize("kind", ["hub", "github", "npm", "stripe", "google", "aws id"])
def test_what_has_a_prefix_is_found_behind_a_letter(kind: str) -> None:
    assert list(secrets_in("x" + SECRETS[kind]))
    assert list(secrets_in("token_" + SECRETS[kind] + "_2"))


@pytest.mark.parametrize("kind", ["hub", "aws id", "password in an address"])
def test_the_whole_header_of_weights(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    save_file({SECRETS[kind]: torch.zeros(1)}, path)
    assert check_files(tmp_path).refused
    save_file({"a": torch.zeros(1)}, path, {SECRETS[kind]: "b"})
    assert check_files(tmp_path).refused
    header = json.dumps({"__metadata__": {"a": SECRETS[kind]}}).encode("utf-16-be")
    path.write_bytes(len(header).to_bytes(8, "little") + header)
    assert check_files(tmp_path).refused
    path.write_bytes(b"\xff" * 8 + SECRETS[kind].encode())
    assert check_files(tmp_path).refused
    path.unlink()
    save_file({"layers.0.weight_ih_l0_reverse": torch.zeros(1)}, path, {"format": "pt"})
    assert check_files(tmp_path).refused == []


def test_the_name_of_a_file(tmp_path: Path) -> None:
    (tmp_path / f"{SECRETS['hub']}.txt").write_text("a")
    (said,) = check_files(tmp_path).refused
    assert SECRETS["hub"] not in said


def _words(count: int) -> list[str]:
    """Make words of all lengths, many of them names of secrets and long."""
    draw = random.Random(0)
    ends = ["ing", "ness", "ation", "less", "ly", "2", "'s", "-like", "_id"]
    parts = ["pass", "word", "secret", "key", "token", "sk", "hf", "task", "APA", "anti", "nation"]
    letters = string.ascii_lowercase + "éüß"
    words = {"password", "secret", "api_key", "aws", "https://example.org", "a@b.c", "1234567890"}
    while len(words) < count:
        stem = "".join(draw.choices(letters, k=draw.randint(1, 9)))
        made = draw.choice(("", *parts)) + stem + draw.choice(("", *parts, *ends))
        words.add(draw.choice((made, made, made.upper(), made.title(), f"{stem}-{made}")))
    return sorted(words)


def test_an_ordinary_model_with_many_words_raises_no_alarm(tmp_path: Path) -> None:
    words = _words(20_000)
    tokenizer = hr.tokenizer_from_texts([" ".join(words)])
    config = hr.RecurrentConfig(
        vocab_size=len(tokenizer),
        embedding_size=2,
        hidden_size=2,
        id2label={0: "password", 1: "secret"},
        label2id={"password": 0, "secret": 1},
    )
    hr.RecurrentForSequenceClassification(config).save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    (tmp_path / "vocab.json").write_text(json.dumps({w: i for i, w in enumerate(words)}))
    (tmp_path / "vocab.txt").write_text("\n".join(words))
    pairs = itertools.pairwise(words)
    (tmp_path / "merges.txt").write_text("\n".join(f"{a} {b}" for a, b in pairs))
    digests = "\n".join(f"sha256: {_random(64, _HEX)} {_random(40, _HEX)}" for _ in range(50))
    (tmp_path / "README.md").write_text(
        f"# A model\n{digests}\nThe secret: be kind. Password fields are empty. "
        'token = "<unk>", api_key="YOUR_KEY"; key: value; https://example.org:8080/a@b\n'
        "Set HF_TOKEN, or `password=getpass()`. task-oriented-dialogue-20-systems-in-English\n"
    )
    found = check_files(tmp_path)
    assert found.refused == []
    assert not any("vocab" in name for name in found.left_out)


def test_lines_are_counted_in_one_way_through() -> None:
    class Counted(str):
        looked = 0

        def count(self, sub: str, start: int = 0, end: int | None = None) -> int:
            Counted.looked += (len(self) if end is None else end) - start
            return str.count(self, sub, start, end)

    text = Counted("a\n" * 5000)
    assert line_numbers(text, list(range(0, 10_000, 2))) == list(range(5000))
    assert Counted.looked <= len(text)


def test_what_is_looked_at_closely_is_linear(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long a line is, the patterns, none of which is linear, see only short pieces."""
    seen: list[int] = []
    monkeypatch.setattr(
        "hf_recurrent.hub.secrets._by_plugin", lambda piece, is_code: seen.append(len(piece)) or ()
    )
    monkeypatch.setattr("hf_recurrent.hub.secrets._by_form", lambda piece, is_code: ())
    monkeypatch.setattr("hf_recurrent.hub.secrets._by_name", lambda piece, is_code: ())
    for text in ("eyJ" * 100_000, "://a:" * 50_000, "key=x " * 50_000, "a" * 300_000):
        seen.clear()
        assert list(secrets_in(text)) == []
        assert max(seen) <= 4096
        assert sum(seen) <= 2 * len(text)
