"""DocumentDB's operator out of a checkout of its repository, which DOCUMENTDB_OPERATOR names: its kinds on the cluster, and itself,
built by Go, beside it. No registry of packages has either, so without a checkout both are passed over."""

import base64
import json
import os
import re
import shutil
import socket
import subprocess
from pathlib import Path

from kube import until
from render import parse
from tools import K8S, TOOLS, output

CHECKOUT = Path(os.environ.get("DOCUMENTDB_OPERATOR") or "/nowhere")
NONE = "DOCUMENTDB_OPERATOR names no checkout of DocumentDB's operator: "
SOURCE = CHECKOUT / "operator" / "src"
CHART = CHECKOUT / "operator" / "documentdb-helm-chart"
# It listens everywhere, as a pod may. Here it must not.
LISTENING = "webhook.NewServer(webhook.Options{"


def there():
    """Whether there is a checkout. One of another version than the pages have is a mistake."""
    if not CHART.exists():
        return False
    (chart,) = parse((CHART / "Chart.yaml").read_text())
    pinned = re.search(r"\| DocumentDB's operator \| (\S+) \|", (K8S / "storage" / "README.md").read_text())[1]
    assert chart["version"] == pinned, f"DOCUMENTDB_OPERATOR is of {chart['version']}, k8s/storage of {pinned}"
    return True


def bring_kinds(kube):
    for file in sorted((CHART / "crds").iterdir()):
        kube.kubectl("apply", "--server-side", "--filename", file)
    kube.kubectl("wait", "customresourcedefinitions", "--selector=app=documentdb-operator", "--for=condition=Established")


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def go(*command, folder):
    """With Go's own caches: it takes minutes without."""
    done = subprocess.run(["go", *command], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def build(name, folder, *arguments):
    go("build", "-o", TOOLS / name, *arguments, folder=folder)
    return TOOLS / name


def judge(folder):
    """CloudNativePG's own check of a Cluster, of the version that the operator is built with. Only what is in its module may call it."""
    module = go("list", "-m", "-f", "{{.Dir}}", "github.com/cloudnative-pg/cloudnative-pg", folder=SOURCE)
    copy = folder / "cloudnative-pg"
    shutil.copytree(module, copy, ignore=shutil.ignore_patterns("docs", "*_test.go"))
    # Read-only, as the original is.
    (copy / "cmd").chmod(0o755)
    (copy / "cmd" / "admit").mkdir()
    shutil.copy(Path(__file__).parent / "admit.go", copy / "cmd" / "admit" / "main.go")
    return build("cloudnative-pg-admit", copy, "./cmd/admit")


class Operator:
    """The process, and its webhook at the API server, which is on this machine."""

    def __init__(self, kube, folder):
        self.kube, self.folder, self.port = kube, folder, free_port()
        program = self.built()
        self.certificate()
        arguments = [f"--webhook-cert-path={folder}", "--health-probe-bind-address=0"]
        self.log = open(folder / "log", "w")
        environment = os.environ | kube.environment | {"WEBHOOK_PORT": str(self.port)}
        self.process = subprocess.Popen([program, *arguments], env=environment, stdout=self.log, stderr=self.log)
        try:
            until(self.silent)
            self.admit()
        except BaseException:
            self.end()
            raise

    def built(self):
        """Its own source, but for where the webhook listens."""
        main, ours = SOURCE / "cmd" / "main.go", self.folder / "main.go"
        text = main.read_text()
        assert text.count(LISTENING) == 1 and '"os"' in text
        text = text.replace(LISTENING, LISTENING + 'Host: "127.0.0.1", Port: webhookPort(),')
        ours.write_text(text + 'func webhookPort() (port int) { fmt.Sscan(os.Getenv("WEBHOOK_PORT"), &port); return }\n')
        ours.write_text(ours.read_text().replace('\t"flag"\n', '\t"flag"\n\t"fmt"\n', 1))
        (self.folder / "overlay.json").write_text(json.dumps({"Replace": {str(main): str(ours)}}))
        return build("documentdb-operator", SOURCE, "-overlay", self.folder / "overlay.json", "./cmd")

    def certificate(self):
        names = ["-subj", "/CN=webhook", "-addext", "subjectAltName=IP:127.0.0.1"]
        files = ["-keyout", self.folder / "tls.key", "-out", self.folder / "tls.crt"]
        output("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", *names, *files)

    def silent(self):
        assert self.process.poll() is None, (self.folder / "log").read_text()[-2000:]
        with socket.socket() as caller:
            if caller.connect_ex(("127.0.0.1", self.port)):
                yield "its webhook does not listen yet"

    def admit(self):
        """Its own description of the webhook, by address."""
        (self.webhook,) = parse((SOURCE / "config" / "webhook" / "manifests.yaml").read_text())
        bundle = base64.b64encode((self.folder / "tls.crt").read_bytes()).decode()
        for webhook in self.webhook["webhooks"]:
            path = webhook["clientConfig"].pop("service")["path"]
            webhook["clientConfig"] |= {"url": f"https://127.0.0.1:{self.port}{path}", "caBundle": bundle}
        self.kube.kubectl("apply", "--server-side", "--filename=-", input=json.dumps(self.webhook))

    def end(self):
        if hasattr(self, "webhook"):
            self.kube.kubectl("delete", self.webhook["kind"], self.webhook["metadata"]["name"])
        self.process.terminate()
        self.process.wait()
        self.log.close()
