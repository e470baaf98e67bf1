"""No secret stands anywhere in clear; k8s/secrets and k8s/storage/credentials make the Secrets that everything else names."""

import hashlib
import json
import math
import random
import re
import stat
import string
import tomllib
from collections import Counter

import pytest

import outside
import render
from paths import strings
from tools import K8S, ROOT, TOOLS, call, output

PATTERNS = {
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "a private JWK": re.compile(r"""["']?d["']?\s*:\s*["'][A-Za-z0-9_-]{20,}["']"""),
    "a signed token": re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+"),
    "a password in an address": re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s:/@$]+:(?!\$)[^\s:/@]+@"),
    "a cloud's access key": re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    "a forge's token": re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,})"),
}
WORD = re.compile(r"[A-Za-z0-9+/=_-]{24,}")
# Sums are as random as keys, and are said to be sums: by the name before them, or by their use as an action's version.
SUM = re.compile(r"(?:sha256:|sha512-|checksum/settings: |@)[A-Za-z0-9+/=]{32,}")


def entropy(word):
    return -sum(n / len(word) * math.log2(n / len(word)) for n in Counter(word).values())


def looks_random(word):
    """Letters of both cases with digits in no order, or a long number in hexadecimal."""
    if re.fullmatch(r"[0-9a-f]{32,}|[0-9A-F]{32,}", word):
        return entropy(word) > 3
    kinds = sum(bool(re.search(kind, word)) for kind in ("[a-z]", "[A-Z]", "[0-9]"))
    return kinds == 3 and entropy(word) > 3.9 and len(re.findall(r"[0-9]", word)) > 2


def suspicious(text):
    found = [name for name, pattern in PATTERNS.items() if pattern.search(text)]
    # What stands between slashes is a path's, unless it is long.
    words = [part for word in WORD.findall(SUM.sub("", text)) for part in word.split("/") if len(part) >= 24]
    return found + [f"a random word, {word[:6]}…" for word in words if looks_random(word)]


def files():
    kept = [K8S, ROOT / ".github", ROOT / ".ci", ROOT / "docs"]
    found = [path for root in kept for path in root.rglob("*") if path.is_file()]
    for path in sorted([*found, ROOT / "Makefile", ROOT / "README.md", ROOT / "spin.toml", ROOT / "compose.yaml"]):
        if "__pycache__" not in path.parts and path.name != "package-lock.json":
            yield path


def test_no_file_has_a_secret():
    found = {str(path.relative_to(ROOT)): suspicious(path.read_text(errors="replace")) for path in files()}
    assert {name: faults for name, faults in found.items() if faults} == {}


def test_no_rendering_has_a_secret(rendering):
    assert suspicious("\n".join(f"{path[-1]}: {value}" for thing in rendering.things for path, value in strings(thing))) == []


def test_no_secret_is_rendered(rendering):
    assert [thing["metadata"]["name"] for thing in rendering.things if thing["kind"] == "Secret"] == []


def test_no_value_of_the_chart_takes_a_secret():
    """Values name Secrets; none of them could hold one."""
    values = render.parse((K8S / "helm" / "cinema" / "values.yaml").read_text())[0]
    names = {"pullSecrets", "existingSecret", "secretName", "tokens", "keda"}
    for path, _ in keys(values):
        taken = re.search(r"(?i)(password|secret|token|key|jwk)", path[-1])
        assert not taken or path[-1] in names or path[-1] == "topologyKeys", ".".join(path)


def keys(values, path=()):
    for key, value in values.items():
        yield (*path, key), value
        if isinstance(value, dict):
            yield from keys(value, (*path, key))


def random_text(length=43):
    return "".join(random.Random(1).choices(string.ascii_letters + string.digits, k=length))


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN " + "PRIVATE KEY-----",
        "-----BEGIN EC " + "PRIVATE KEY-----",
        f'{{"kty":"OKP","crv":"Ed25519","d":"{random_text()}"}}',
        f"d: '{random_text()}'",
        f"password: {random_text(32)}",
        f"token: {'0123456789abcdef' * 4}",
        "postgres://cinema" + ":hunter2@db/cinema",
        "AKIA" + "ABCDEFGHIJKLMNOP",
        "ghp" + "_abcdefghijklmnopqrstuvwxyz0123456789",
        ".".join(["eyJhbGciOiJFZERTQSJ9", "eyJzdWIiOiJpZGEifQ", "c2lnbmF0dXJl"]),
    ],
)
def test_a_secret_in_clear_is_found(text):
    assert suspicious(text)


# What k8s/secrets reads, as `cinema keys` writes it.
ENVIRONMENT = {
    "AUTH_JWKS": '{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"one","x":"public"}]}',
    "AUTH_SIGNING_KEY": '{"kty":"OKP","crv":"Ed25519","kid":"one","d":"private"}',
    "FIRST_STAFF_USERNAME": "staff",
    "FIRST_STAFF_PASSWORD": "correct horse: #1",
    "DATA_API_KEY": "battery staple " * 4,
}


@pytest.fixture
def secrets(tmp_path):
    """Runs k8s/secrets over an .env file of these variables."""

    def run(environment, *options):
        file = tmp_path / "env"
        file.write_text("".join(f"SPIN_VARIABLE_{name}='{value}'\n" for name, value in environment.items()))
        return call(TOOLS / "venv" / "bin" / "python", K8S / "secrets", *options, file)

    return run


def made(done):
    assert done.returncode == 0, done.stderr
    return {thing["metadata"]["name"]: thing for thing in render.parse(done.stdout)}


def test_the_script_makes_the_secrets_that_are_named(secrets):
    found = made(secrets(ENVIRONMENT, "--gateway"))
    assert set(found) == {name for place, name in outside.SECRETS if place == "cinema"}
    (key,) = tomllib.loads(found.pop("cinema-data-api-gateway")["stringData"]["gateway.toml"])["keys"]
    database = render.parse((K8S / "helm" / "cinema" / "values.yaml").read_text())[0]["dataApi"]["database"]
    assert key["read"] == key["write"] == [f"{database}.*"]
    assert key["sha256"] == hashlib.sha256(found["cinema-data-api"]["stringData"]["data_api_key"].encode()).hexdigest()
    for name, secret in found.items():
        assert secret["metadata"]["namespace"] == "cinema"
        assert set(secret["stringData"]) <= outside.SECRETS["cinema", name]
        assert secret["stringData"] == {key: ENVIRONMENT[key.upper()] for key in secret["stringData"]}
    assert set(found["cinema-keys"]["stringData"]) == outside.SECRETS["cinema", "cinema-keys"]
    assert set(found["cinema-first-staff"]["stringData"]) == outside.SECRETS["cinema", "cinema-first-staff"]
    assert json.loads(found["cinema-keys"]["stringData"]["auth_jwks"])["keys"]


def test_the_script_leaves_storage_out_where_it_is_not_asked_for(secrets):
    assert set(made(secrets(ENVIRONMENT))) == {"cinema-keys", "cinema-first-staff"}
    assert set(made(secrets(ENVIRONMENT, "--storage"))) == {"cinema-keys", "cinema-first-staff", "cinema-data-api"}


@pytest.mark.parametrize(
    "names",
    [
        ["DATA_API_USERNAME", "DATA_API_PASSWORD"],
        ["DATA_API_KEY"],
        ["DATA_API_EMAIL", "DATA_API_PASSWORD"],
        ["DATA_API_JWT"],
        ["DATA_API_TOKEN"],
    ],
)
def test_the_script_knows_every_kind_of_authentication(secrets, names):
    environment = {name: value for name, value in ENVIRONMENT.items() if not name.startswith("DATA_API")}
    found = made(secrets(environment | dict.fromkeys(names, "x"), "--storage"))
    assert set(found["cinema-data-api"]["stringData"]) == {name.lower() for name in names}


@pytest.mark.parametrize("option", ["--storage", "--gateway"])
@pytest.mark.parametrize("missing", ["AUTH_JWKS", "AUTH_SIGNING_KEY", "FIRST_STAFF_PASSWORD", "DATA_API_KEY"])
def test_the_script_says_what_is_missing_and_shows_no_secret(secrets, missing, option):
    done = secrets({name: value for name, value in ENVIRONMENT.items() if name != missing}, option)
    assert done.returncode != 0 and missing in done.stderr
    assert not [value for value in ENVIRONMENT.values() if len(value) > 8 and value in done.stderr + done.stdout]


def test_the_gateway_takes_no_key_that_can_be_guessed(secrets):
    done = secrets(ENVIRONMENT | {"DATA_API_KEY": "battery"}, "--gateway")
    assert done.returncode != 0 and "too short" in done.stderr and "battery" not in done.stderr


def test_storages_credentials_are_new_each_time():
    script = K8S / "storage" / "credentials"
    assert script.stat().st_mode & stat.S_IXUSR
    first, second = [render.parse(output("sh", script)) for _ in range(2)]
    assert first != second
    found = {(thing["metadata"]["namespace"], thing["metadata"]["name"]): thing["stringData"] for thing in first}
    assert {place: set(keys) for place, keys in found.items()} == outside.STORAGE
    assert len(found["cinema-storage", "cinema-db-credentials"]["password"]) >= 32
    for text in found["cinema-storage", "cinema-db-authority"].values():
        assert text.startswith("-----BEGIN ") and text.count("-----BEGIN ") == 1
