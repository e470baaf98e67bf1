"""A cinema on the bundled host, and the contract's messages and stubs, made of its files as they are imported."""

import contextlib
import os
import pathlib
import re
import secrets
import subprocess
import sys
import tempfile

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = ROOT / "target/host/cinema"
PASSWORD = secrets.token_hex(16)

sys.path.insert(0, str(ROOT / "proto"))
auth, auth_grpc = grpc.protos_and_services("cinema/v1/auth.proto")
bookings, bookings_grpc = grpc.protos_and_services("cinema/v1/bookings.proto")
movies, movies_grpc = grpc.protos_and_services("cinema/v1/movies.proto")
showtimes, showtimes_grpc = grpc.protos_and_services("cinema/v1/showtimes.proto")
users, users_grpc = grpc.protos_and_services("cinema/v1/users.proto")


def tag():
    """A name that nobody else has."""
    return f"t{secrets.token_hex(5)}"


def refused(call, *arguments, **options):
    """The code, the text and the details, by their names, of a call that has to fail."""
    try:
        call(*arguments, **options)
    except grpc.RpcError as error:
        return Refusal(error)
    raise AssertionError("it was not refused")


class Refusal:
    def __init__(self, error):
        self.code, self.text = error.code(), error.details()
        status = rpc_status.from_call(error)
        for name in ("BadRequest", "RetryInfo", "ErrorInfo"):
            found = [any for any in (status.details if status else []) if any.type_url == f"type.googleapis.com/google.rpc.{name}"]
            detail = getattr(error_details_pb2, name)() if found else None
            assert not found or found[0].Unpack(detail)
            setattr(self, name, detail)

    def faults(self):
        return sorted(violation.field for violation in self.BadRequest.field_violations)


class Cinema:
    """One that serves for as long as it is entered."""

    def __init__(self, sample=False, **variables):
        self.state = tempfile.TemporaryDirectory()
        self.keys = pathlib.Path(self.state.name, "keys")
        subprocess.run([BINARY, "keys", "--write", "--env-file", self.keys], check=True, capture_output=True)
        options = ["--from", ROOT / "spin.toml", "--env-file", self.keys, "--state-dir", self.state.name, "--listen", "127.0.0.1:0"]
        for variable in variables.items():
            options += ["--variable", "=".join(variable)]
        if sample:
            options += ["--sample", ROOT / "data"]
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "SPIN_"))}
        self.log = open(pathlib.Path(self.state.name, "log"), "w+")
        self.process = subprocess.Popen([BINARY, "up", *options], env=environment, stdout=subprocess.PIPE, stderr=self.log, text=True)
        until = "Sample data" if sample else "Serving"
        while until not in (line := self.process.stdout.readline()):
            assert line, self.said()
            self.serves(line)
        self.serves(line)
        self.channel = self.connected()

    def serves(self, line):
        if found := re.search(r"Serving http://(\S+)", line):
            self.address = found[1]

    def said(self):
        self.log.seek(0)
        return self.log.read()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.channel.close()
        self.process.terminate()
        ended = self.process.wait(60)
        said = self.said()
        self.state.cleanup()
        assert ended == 0 and not re.search("trap|panic|wasm backtrace", said, re.I), said

    def token(self, person):
        """An access token of somebody, by username and password."""
        return auth_grpc.AuthStub(self.channel).Login(auth.LoginRequest(**person)).access_token

    def staff(self):
        """One of the first staff user, who signs up."""
        keys = dict(line.split("=", 1) for line in self.keys.read_text().splitlines())
        first = {name: keys[f"SPIN_VARIABLE_FIRST_STAFF_{name.upper()}"].strip("'") for name in ("username", "password")}
        # With the sample data, the host itself has signed them up.
        with contextlib.suppress(grpc.RpcError):
            self.signs_up(**first)
        return self.token(first)

    def signs_up(self, **person):
        """Somebody's id, username and password."""
        person = {"username": tag(), "password": PASSWORD, **person}
        request = users.CreateUserRequest(firstname="Ada", lastname="Okafor", **person)
        return users_grpc.UsersStub(self.channel).CreateUser(request).user.id, person

    def connected(self, token=None):
        """A connection of its own, on which each call has this token."""
        channel = grpc.insecure_channel(self.address, options=[("grpc.use_local_subchannel_pool", 1)])
        return grpc.intercept_channel(channel, Authorization(token)) if token else channel


class Authorization(grpc.UnaryUnaryClientInterceptor, grpc.UnaryStreamClientInterceptor):
    """Adds who asks."""

    def __init__(self, token):
        self.header = ("authorization", f"Bearer {token}")

    def intercept_unary_unary(self, call, details, request):
        metadata = [*(details.metadata or ()), self.header]
        return call(details._replace(metadata=metadata), request)

    intercept_unary_stream = intercept_unary_unary
