"""The servers that are measured, as processes: started, waited for, weighed and stopped."""

import os
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "target" / "bench"
# The servers are given what stands there by their environment, since not every host looks for it beside the manifest.
ENV = WORK / ".env"

MORE = """
[[trigger.http]]
route = "/hello"
component = "hello"

[component.hello]
source = "target/wasm32-wasip1/release/hello.wasm"

[[trigger.http]]
route = "/ours/..."
component = "routers"

[[trigger.http]]
route = "/sdk/..."
component = "routers"

[[trigger.http]]
route = "/axum/..."
component = "routers"

[component.routers]
source = "target/wasm32-wasip1/release/routers.wasm"
"""


class Server:
    """A running server; it stops at the end of a `with`."""

    #: What asks it, where that is not the load generator.
    tool = None

    def __init__(self, name, command, port, ready):
        self.name = name
        self.base = f"http://127.0.0.1:{port}"
        self.log = open(WORK / f"{name}.log", "w")
        started = time.monotonic()
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=self.log, stderr=self.log, env=environment() | settings())
        try:
            self.wait_for(ready, started + 180)
        except BaseException:
            self.stop()
            raise
        #: Seconds from the start of the process to its first answer.
        self.start_time = time.monotonic() - started

    def wait_for(self, path, deadline):
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                with urllib.request.urlopen(self.base + path, timeout=30):
                    return
            except urllib.error.HTTPError as e:
                raise SystemExit(f"{self.name} answered {path} with {e.code}: see {self.log.name}")
            except OSError:
                time.sleep(0.002)
        raise SystemExit(f"{self.name} did not start: see {self.log.name}")

    def processes(self):
        """What /proc has of the process and of those it started: a folder each."""
        children = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            if fields := read(stat):
                parent = int(fields.rsplit(")", 1)[1].split()[1])
                children.setdefault(parent, []).append(int(stat.parent.name))
        waiting = [self.process.pid]
        while waiting:
            pid = waiting.pop()
            waiting += children.get(pid, [])
            yield Path(f"/proc/{pid}")

    def memory(self, which="VmRSS"):
        """Resident memory, in MiB; at its highest, as `VmHWM`."""
        found = (re.search(rf"{which}:\s+(\d+) kB", read(process / "status")) for process in self.processes())
        return sum(int(kibibytes[1]) for kibibytes in found if kibibytes) / 1024

    def cpu(self):
        """The processors' time until now, in seconds."""
        # The 14th and the 15th field of proc_pid_stat(5), by its own and by the kernel's work; the name, which is the 2nd, may hold anything.
        fields = (read(process / "stat").rpartition(")")[2].split() for process in self.processes())
        return sum(int(found[11]) + int(found[12]) for found in fields if found) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def read(path):
    """The text of a file of /proc; nothing where the process is gone."""
    try:
        return path.read_text()
    except OSError:
        return ""


def environment():
    """Ours, without the settings of whoever measures."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("SPIN_VARIABLE_", "GATEWAY_"))}


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def manifest():
    """The project's own manifest and two components more, which only the benchmark asks: made anew each time, so that it is never another
    application than the one that is served."""
    text = (ROOT / "spin.toml").read_text() + MORE
    # Paths in a manifest are counted from its folder.
    text = re.sub(r'\b(source|path) = "target/', rf'\1 = "{os.path.relpath(ROOT, WORK)}/target/', text)
    path = WORK / "spin.toml"
    path.write_text(text)
    return path


def fresh(name):
    """An empty folder for the state of a server."""
    path = WORK / name
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    return path


def make_keys(cinema):
    """Keys and a first staff user for the servers, in a file of settings; the user's name and password."""
    WORK.mkdir(parents=True, exist_ok=True)
    run([cinema, "keys", "--write", "--env-file", ENV])
    made = settings()
    return made["SPIN_VARIABLE_FIRST_STAFF_USERNAME"], made["SPIN_VARIABLE_FIRST_STAFF_PASSWORD"]


def settings():
    """The variables of the servers, as `cinema keys` wrote them."""
    made = dict(re.findall(r"^(SPIN_VARIABLE_\w+)='(.*)'$", ENV.read_text(), re.M))
    # One customer books all there is.
    return made | {"SPIN_VARIABLE_SEATS_PER_CUSTOMER": "1000000"}


def load_sample(cinema, base):
    run([cinema, "sample", "--url", base, "--data", ROOT / "data", "--env-file", ENV])


def run(command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment())


def up(name, binary, state):
    port = free_port()
    options = ["--quiet", "--from", manifest(), "--listen", f"127.0.0.1:{port}", "--state-dir", state]
    return Server(name, [binary, "up", *options], port, "/hello")


def cinema(binary, state):
    return up("cinema", binary, state)


def spin(binary, state):
    return up("spin", binary, state)


def native(binary, database, ready):
    port = free_port()
    return Server("native", [binary, "--listen", f"127.0.0.1:{port}", "--database", database], port, ready)
