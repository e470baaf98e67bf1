"""Connect's clients for Node.js."""

import os
import pathlib
import shutil
import subprocess
import sys

import pytest

import google.rpc
from host import ROOT


@pytest.fixture(scope="module")
def made():
    """Where the code is that Connect's generator makes of the contract."""
    folder = pathlib.Path(shutil.which("protoc-gen-es")).parents[2] / "made"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / "package.json").write_text('{"type": "module"}')
    protos = [ROOT / "proto", pathlib.Path(google.rpc.__path__[0]).parents[1]]
    files = [*(ROOT / "proto/cinema/v1").glob("*.proto"), protos[1] / "google/rpc/error_details.proto"]
    command = [sys.executable, "-m", "grpc_tools.protoc", f"--es_out={folder}", "--es_opt=target=js,import_extension=js", *[f"-I{one}" for one in protos], *files]
    subprocess.run(command, check=True)
    return folder


@pytest.mark.parametrize("transport", ["grpc", "web-1.1", "web-2"])
def test_connect(cinema, staff_token, made, transport):
    environment = {**os.environ, "ADDRESS": cinema.address, "MADE": str(made), "TRANSPORT": transport, "TOKEN": staff_token}
    done = subprocess.run(["node", "--test", ROOT / "tests/grpc/connect.test.mjs"], env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
