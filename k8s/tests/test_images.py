"""Every image is a certain one, and the Dockerfiles make what the manifests take for granted."""

import re
import tomllib
from pathlib import PurePath

import pytest
import yaml

import render
import spin
from cluster import Cluster
from tools import CHART, K8S, ROOT

DOCKERFILES = sorted((K8S / "images").glob("*Dockerfile*"))


def images(thing):
    """Every image that an object names, wherever it stands."""
    if isinstance(thing, dict):
        for key, value in thing.items():
            if key in ("image", "imageName", "spinImage") and isinstance(value, str):
                yield value
            else:
                yield from images(value)
    elif isinstance(thing, list):
        for value in thing:
            yield from images(value)


def fault(image):
    name, _, digest = image.partition("@")
    repository, colon, tag = name.rpartition(":")
    if digest:
        return None if re.fullmatch(r"sha256:[0-9a-f]{64}", digest) else "has no digest that could be one"
    if not colon or "/" in tag:
        return "has no tag"
    if tag in ("latest", "main", "edge", "stable", "nightly") or not re.search(r"\d", tag):
        return "has a tag that moves"
    return None if "/" in repository else "names no registry"


def test_every_image_is_a_certain_one(rendering):
    found = {image: fault(image) for image in images(rendering.things)}
    assert {image: why for image, why in found.items() if why} == {}


def test_applications_are_of_this_version(application):
    found = set(images(application.things))
    assert found and {image.partition("@")[0].rpartition(":")[2] for image in found} == {spin.version()}


@pytest.mark.parametrize(
    "image",
    [
        "cinema:0.1.0",
        "registry.example.com/cinema",
        "registry.example.com/cinema:latest",
        "registry.example.com:5000/cinema",
        "ghcr.io/a/b:main",
        "ghcr.io/a/b@sha256:12",
    ],
)
def test_an_uncertain_image_is_found(image):
    assert fault(image)


def stages(dockerfile):
    """The images that it starts from; those of its own stages are not."""
    text = dockerfile.read_text()
    names = re.findall(r"(?mi)^FROM\s+\S.*?\sAS\s+(\S+)", text)
    return [image for image in re.findall(r"(?m)^FROM\s+(?:--\S+\s+)*(\S+)", text) if image not in names]


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda path: path.name)
def test_dockerfiles_start_from_certain_images_and_end_in_nothing(dockerfile):
    *builders, last = stages(dockerfile)
    assert last == "scratch"
    for image in builders:
        assert re.search(r":\d+\.\d+|@sha256:", image), image


@pytest.mark.parametrize("name", ["app", "host"])
def test_dockerfiles_build_every_component(name):
    """By `make wasm`, whose list has a package for each wasm file of spin.toml; and they put both where spin.toml looks."""
    text = (K8S / "images" / f"{name}.Dockerfile").read_text()
    assert re.search(r"(?m)^RUN make wasm$", text)
    packages = re.search(r"(?m)^COMPONENTS := (.*)$", (ROOT / "Makefile").read_text())[1].split()
    sources = [c["source"] for c in spin.manifest()["component"].values()]
    sources += [d["path"] for c in spin.manifest()["component"].values() for d in c.get("dependencies", {}).values()]
    assert {PurePath(source).stem.replace("_", "-") for source in sources} == set(packages)
    for folder in {str(PurePath(source).parent) for source in sources}:
        assert f"/app/{folder}" in text
    assert "cp spin.toml /app" in text


def test_the_gateways_image_has_the_public_authorities():
    """Without them it does not start where it is to believe tokens."""
    text = (K8S / "images" / "gateway.Dockerfile").read_text()
    assert re.search(r"(?m)^COPY --from=gateway (/etc/ssl/certs/ca-certificates\.crt) \1$", text)


def test_what_the_gateway_is_told_is_among_its_options():
    options = (ROOT / "crates" / "gateway" / "src" / "settings" / "options.rs").read_text()
    container = Cluster(render.sources()["chart-mongodb"]()).pod("cinema-data-api-gateway").spec["containers"][0]
    told = container["args"][1::2] + yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]["gateway"]["command"][1:]
    for option in told:
        assert re.search(rf"pub {option.removeprefix('--').replace('-', '_')}:", options), option
    assert [entry["name"] for entry in container["env"]] == ["GATEWAY_URI"] and 'env = "GATEWAY_URI"' in options


def test_the_images_that_the_chart_names_are_made_and_released():
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    named = {values[key]["repository"].rpartition("/")[2] for key in ("image", "hostImage", "gatewayImage")}
    make = (ROOT / "Makefile").read_text()
    made = dict(re.findall(r"docker build --file k8s/images/(\w+)\.Dockerfile --tag \$\(REGISTRY\)/([\w-]+):", make))
    assert set(made.values()) == named and {f"{file}.Dockerfile" for file in made} == {path.name for path in DOCKERFILES}
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text())["jobs"]
    released = {each["file"]: each["image"] for each in jobs["image"]["strategy"]["matrix"]["include"] if "file" in each}
    assert released == {file: name for file, name in made.items() if file != "app"}
    for job in ("image", "images"):
        assert jobs[job]["strategy"]["matrix"]["image"] == list(released.values())


def test_the_images_are_built_from_what_is_needed_and_from_no_secret():
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    let_in = {line[1:] for line in lines if line.startswith("!")}
    assert lines[0] == "*" and "**/.env" in lines[len(let_in) :]
    members = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["members"]
    needed = {member.split("/")[0] for member in members} | {"Cargo.toml", "Cargo.lock", "Makefile", "spin.toml", "wit"}
    assert needed <= let_in
    assert not let_in & {".", ".env", ".git", ".spin", "target", "k8s"}


@pytest.mark.parametrize("image, app", [("host", "cinema"), ("gateway", "cinema-data-api-gateway")])
def test_an_image_is_what_its_deployment_takes_for_granted(image, app):
    text = (K8S / "images" / f"{image}.Dockerfile").read_text()
    pod = Cluster(render.sources()["chart-mongodb"]()).pod(app).spec
    container = pod["containers"][0]
    user = pod["securityContext"]["runAsUser"]
    assert user != 0 and re.search(rf"(?m)^USER {user}(:{pod['securityContext']['runAsGroup']})?$", text)
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    arguments = dict(zip(container["args"][1::2], container["args"][2::2], strict=True))
    # What surrounds it is the cluster's to say.
    assert (arguments.pop("--trusted-proxies", None) is None) == (arguments.pop("--metrics", None) is not None)
    mounts = [mount["mountPath"] for mount in container["volumeMounts"]]
    assert arguments.get("--state-dir", arguments.get("--config", "").rpartition("/")[0]) in mounts
    assert arguments["--listen"].endswith(f":{container['ports'][0]['containerPort']}")
    for value in (*arguments.values(), container["command"][0]):
        assert value in text, value
