"""Where everything is, and how the tools are called."""

import os
import platform
import shutil
import subprocess
from pathlib import Path

TESTS = Path(__file__).parent
K8S = TESTS.parent
ROOT = K8S.parent
CHART = K8S / "helm" / "cinema"
TOOLS = ROOT / "target" / "k8s-tools"
HOME = TOOLS / "home"


def found(name):
    """The package has them for Linux on x86-64. Elsewhere those are taken that are installed."""
    ours = (platform.system(), platform.machine()) == ("Linux", "x86_64")
    path = TOOLS / "bin" / name / name if ours else shutil.which(name)
    assert path, f"{name} is not installed"
    return Path(path)


HELM = found("helm")
KUBECTL = found("kubectl")


def call(*command, input=None, cwd=ROOT, environment=None):
    """Runs a command to its end, with our tools first on the PATH and nothing of the user's own settings for them."""
    path = os.pathsep.join([str(HELM.parent), str(KUBECTL.parent), str(TOOLS / "venv" / "bin"), os.environ["PATH"]])
    own = {"PATH": path, "HOME": str(HOME), "KUBECONFIG": str(HOME / "none"), "LANG": "C.UTF-8"} | (environment or {})
    return subprocess.run(
        [str(part) for part in command], input=input, cwd=cwd, env=own, capture_output=True, text=True, timeout=300
    )


def output(*command, **options):
    done = call(*command, **options)
    assert done.returncode == 0, f"{' '.join(map(str, command))}: {done.stderr or done.stdout}"
    return done.stdout
