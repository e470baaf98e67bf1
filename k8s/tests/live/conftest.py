"""The cluster: KUBECONFIG's, or one that is started beside the repository and ended with the tests."""

import itertools
import os

import pytest

import documentdb
import render
from kube import Kube
from place import Place
from tools import KUBECTL, ROOT, call

STARTER = ROOT.parent / "shared" / "cluster"
NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def kubeconfig():
    if given := os.environ.get("KUBECONFIG"):
        yield given
        return
    if not (STARTER / "up").exists():
        pytest.exit("no cluster: set KUBECONFIG to one with SpinKube, for instance `make kind-up`'s", returncode=2)
    folder = ROOT / "target" / "k8s-cluster"
    environment = {"KUBECTL": str(KUBECTL)}
    started = call(STARTER / "up", folder, environment=environment)
    assert started.returncode == 0, started.stderr
    yield folder / "kubeconfig"
    call(STARTER / "down", folder, environment=environment)


@pytest.fixture(scope="session")
def kube(kubeconfig):
    made = Kube(kubeconfig)
    if documentdb.there():
        documentdb.bring_kinds(made)
    yield made
    made.end()


@pytest.fixture
def place(kube, tmp_path):
    """A namespace, with our Secrets."""
    made = Place(kube, f"cinema-live-{os.getpid()}-{next(NUMBERS)}")
    try:
        made.secrets(tmp_path / "env")
        yield made
    finally:
        made.end()


@pytest.fixture
def wanted(kube):
    """Leaves out what a cluster has not got the kinds for."""

    def check(text):
        if missing := kube.missing_kinds(render.parse(text)):
            pytest.skip(f"the cluster has no {', '.join(missing)}")

    return check
