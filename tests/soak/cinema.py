"""A cinema of its own: started, killed, and looked at from outside."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from http.client import HTTPConnection, HTTPException
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BINARY = ROOT / "target/host/cinema"


class Cinema:
    """A running host on a fresh store with the sample data; gone at the end of a `with`."""

    def __enter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="cinema-soak-"))
        self.store = self.folder / "state"
        self.log = open(self.folder / "log", "wb")
        env = self.folder / ".env"
        run([BINARY, "keys", "--write", "--env-file", env])
        made = dict(re.findall(r"^(SPIN_VARIABLE_\w+)='(.*)'$", env.read_text(), re.M))
        self.staff = made["SPIN_VARIABLE_FIRST_STAFF_USERNAME"], made["SPIN_VARIABLE_FIRST_STAFF_PASSWORD"]
        self.port = 0
        self.start()
        url = f"http://127.0.0.1:{self.port}"
        run([BINARY, "sample", "--url", url, "--data", ROOT / "data", "--env-file", env])
        return self

    def __exit__(self, *failure):
        self.kill()
        self.log.close()
        if any(failure) or self.faults():
            print(f"soak: what the host wrote is in {self.folder}", file=sys.stderr)
        else:
            shutil.rmtree(self.folder)

    def start(self):
        """Starts it, at the same port each time."""
        command = [BINARY, "up", "--from", ROOT / "spin.toml", "--env-file", self.folder / ".env", "--state-dir", self.store]
        command += ["--listen", f"127.0.0.1:{self.port}", "--log-format", "json"]
        # A file that may not grow is to be an error, and not the end.
        ignoring = ["sh", "-c", "trap '' XFSZ; exec \"$@\"", "sh"]
        self.process = subprocess.Popen(
            [*ignoring, *command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.log, text=True
        )
        line = self.process.stdout.readline()
        if not line.startswith("Serving "):
            raise SystemExit(f"soak: the host did not start: see {self.folder}/log")
        self.port = int(line.rsplit(":", 1)[1])
        while self.ask("GET", "/movies/healthy")[0] != 200:
            time.sleep(0.05)

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def ask(self, method, path, body=None, token=None, headers=()):
        """Asks once, on a connection of its own: the status, 0 where there was no answer, and the body."""
        sent = {"content-type": "application/json", **dict(headers)}
        if token:
            sent["authorization"] = f"Bearer {token}"
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, None if body is None else json.dumps(body), sent)
            answer = connection.getresponse()
            text = answer.read()
            is_json = "json" in answer.headers.get("content-type", "")
            return answer.status, json.loads(text) if is_json and text else None
        except (OSError, HTTPException):
            return 0, None
        finally:
            connection.close()

    def memory(self):
        """What it has for itself, in MiB: the pages of the store, which the system lends, grow with that."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"RssAnon:\s+(\d+)", status)[1]) / 1024

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def bound_files(self, size):
        """Bounds the size of its files, which is to it as a full disk; `unlimited` takes the bound away."""
        run(["prlimit", f"--pid={self.process.pid}", f"--fsize={size}:"])

    def faults(self):
        """What the host's log tells of bugs."""
        text = (self.folder / "log").read_text(errors="replace")
        found = [line for line in text.splitlines() if '"kind":"trap"' in line or "panicked" in line]
        return found[:5]


def run(command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
