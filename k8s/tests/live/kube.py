"""A live cluster, by kubectl and helm."""

import functools
import json
import time

from tools import HOME, KUBECTL, call

# By when the cluster has done what follows from a change, in seconds. A pod that ends may take 30 of them.
PATIENCE = 90


def until(faults, *arguments):
    """Waits until there are no faults; those that stay are the failure."""
    end = time.monotonic() + PATIENCE
    while found := list(faults(*arguments)):
        assert time.monotonic() < end, found
        time.sleep(0.3)


class Kube:
    def __init__(self, kubeconfig):
        self.environment = {"KUBECONFIG": str(kubeconfig), "KUBECACHEDIR": str(HOME / "cache")}

    def call(self, *command, **options):
        return call(*command, environment=self.environment, **options)

    def run(self, *command, **options):
        """What is done has to succeed without a warning."""
        done = self.call(*command, **options)
        assert done.returncode == 0 and not done.stderr, f"{' '.join(map(str, command))}: {done.stderr or done.stdout}"
        return done.stdout

    def kubectl(self, *arguments, **options):
        return self.run(KUBECTL, *arguments, **options)

    def get(self, *arguments):
        """Objects, as a list. Of kinds that go out of use kubectl may warn here."""
        done = self.call(KUBECTL, "get", *arguments, "--ignore-not-found", "--output", "json")
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout or '{"items": []}')
        return found["items"] if "items" in found else [found]

    @functools.cached_property
    def kinds(self):
        """Each kind there is, as (apiVersion, kind)."""
        lines = [line.split() for line in self.kubectl("api-resources", "--no-headers").splitlines()]
        return {(line[-3], line[-1]) for line in lines}

    def missing_kinds(self, things):
        return sorted({thing["kind"] for thing in things if (thing["apiVersion"], thing["kind"]) not in self.kinds})

    def everything(self):
        """All objects of all kinds, but for the descriptions of kinds."""
        names = self.kubectl("api-resources", "--verbs=list,create,delete", "--output=name").split()
        return self.get(",".join(n for n in names if "customresourcedefinitions" not in n), "--all-namespaces")
