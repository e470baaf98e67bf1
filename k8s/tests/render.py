"""What the chart and the kustomizations make: lists of objects, each made once. Whoever changes one takes a copy."""

import copy
import functools

import yaml

from tools import CHART, HELM, K8S, KUBECTL, call, output

RELEASE = NAMESPACE = "cinema"
# Values files that are given after another one.
UPON = {"egress": "prod"}


class Loader(yaml.CSafeLoader):
    """As Kubernetes reads YAML: a date is a string, and no key comes twice."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        twice = {key for key in keys if keys.count(key) > 1}
        if twice:
            raise yaml.constructor.ConstructorError(None, None, f"keys that come twice: {sorted(twice)}", node.start_mark)
        return super().construct_mapping(node, deep)


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def parse(text):
    """The objects of a text. A List is what it lists, as for everybody who applies it."""
    things = [thing for thing in yaml.load_all(text, Loader=Loader) if thing]
    return [item for thing in things for item in (thing["items"] if thing.get("kind") == "List" else [thing])]


def values_files():
    return sorted((CHART / "values").glob("*.yaml"))


def values_of(file):
    """The arguments for a values file, with the one below it."""
    below = UPON.get(file.stem)
    files = [file.with_stem(below), file] if below else [file]
    return [argument for each in files for argument in ("--values", str(each))]


def other_kustomizations():
    """Storage's and Karmada's, every one of them."""
    roots = (K8S / "storage", K8S / "karmada")
    return sorted(path.parent for root in roots for path in root.rglob("kustomization.yaml"))


def template(*arguments):
    """`helm template` as a finished process, for those who look at how it fails."""
    return call(HELM, "template", RELEASE, CHART, "--namespace", NAMESPACE, *arguments)


@functools.cache
def chart_text(*arguments):
    done = template(*arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


@functools.cache
def chart(*arguments):
    return parse(chart_text(*arguments))


@functools.cache
def kustomize_text(folder):
    return output(KUBECTL, "kustomize", folder)


@functools.cache
def kustomize(folder):
    return parse(kustomize_text(folder))


def application_sources():
    """Each whole deployment of the application, by name: the chart by itself and with each values file."""
    made = {"chart": chart}
    return made | {f"chart-{file.stem}": functools.partial(chart, *values_of(file)) for file in values_files()}


def sources():
    """All that is rendered, the applications and the rest."""
    rest = {str(folder.relative_to(K8S)): functools.partial(kustomize, folder) for folder in other_kustomizations()}
    return application_sources() | rest


def changed(things, kind, name=None):
    """A copy of a rendering, and in it the first object of a kind, to be changed by the caller."""
    things = copy.deepcopy(things)
    for thing in things:
        if thing["kind"] == kind and name in (None, thing["metadata"]["name"]):
            return things, thing
    raise AssertionError(f"no {kind} {name or ''}")
