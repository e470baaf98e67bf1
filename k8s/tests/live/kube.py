"""A live cluster, by kubectl and helm."""

import functools
import json
import os
import subprocess
import time
import urllib.error
import urllib.request

from tools import HOME, KUBECTL, call

# By when the cluster has done what follows from a change, in seconds. A pod that ends may take 30 of them.
PATIENCE = 180
DESCRIPTIONS = {"CustomResourceDefinition", "APIService"}


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
        return {(version, resource["kind"]) for version, _, resource in self.discovered}

    def missing_kinds(self, things):
        return sorted({thing["kind"] for thing in things if (thing["apiVersion"], thing["kind"]) not in self.kinds})

    # All that there is, kind by kind, which kubectl would take seconds for: by its proxy.

    @functools.cached_property
    def proxy(self):
        command = [KUBECTL, "proxy", "--port=0"]
        return subprocess.Popen(command, env=os.environ | self.environment, stdout=subprocess.PIPE, text=True)

    @functools.cached_property
    def address(self):
        return "http://" + self.proxy.stdout.readline().split()[-1]

    def end(self):
        self.proxy.terminate()
        self.proxy.wait()

    def raw(self, path):
        for last in (False, False, True):
            try:
                with urllib.request.urlopen(self.address + path, timeout=30) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                # The server's own word for being busy, as it is for a while after it has come up.
                if error.code != 429 or last:
                    raise
                time.sleep(2)

    @functools.cached_property
    def discovered(self):
        """Every resource with its version and where its objects are listed."""
        groups = {"v1": "/api/v1"}
        for group in self.raw("/apis")["groups"]:
            groups |= {version["groupVersion"]: f"/apis/{version['groupVersion']}" for version in group["versions"]}
        return [(version, f"{path}/{r['name']}", r) for version, path in groups.items() for r in self.raw(path)["resources"]]

    def everything(self):
        """All objects of all kinds that one can make and remove, but for the descriptions of kinds. Of a group's versions as in the
        first that has the kind: autoscaling/v1 writes what is reported, which changes by itself, among the annotations."""
        firsts = {}
        for version, path, resource in self.discovered:
            firsts.setdefault((version.rpartition("/")[0], resource["name"]), (version, path, resource))
        for version, path, resource in firsts.values():
            if {"list", "create", "delete"} <= set(resource["verbs"]) and resource["kind"] not in DESCRIPTIONS:
                for thing in self.raw(path)["items"]:
                    yield {"apiVersion": version, "kind": resource["kind"], **thing}
