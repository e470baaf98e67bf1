"""The cinema by Docker's compose: as the specification has it, reached from this machine alone, and with what its images take."""

import re

import pytest
import yaml

import spin
from test_images import fault
from tools import K8S, ROOT, call

FILE = ROOT / "compose.yaml"
SERVICES = yaml.safe_load(FILE.read_text())["services"]


def test_schema():
    done = call("check-jsonschema", "--builtin-schema", "vendor.compose-spec", FILE)
    assert done.returncode == 0, done.stdout


def test_a_fault_in_it_would_be_found(tmp_path):
    broken = tmp_path / "compose.yaml"
    broken.write_text(FILE.read_text().replace("depends_on:", "depends-on:", 1))
    assert call("check-jsonschema", "--builtin-schema", "vendor.compose-spec", broken).returncode != 0


def test_only_the_cinema_is_reached_and_from_this_machine_alone():
    (port,) = [port for service in SERVICES.values() for port in service.get("ports", [])]
    address, _, rest = port.partition(":")
    image = (K8S / "images" / "host.Dockerfile").read_text()
    assert address == "127.0.0.1" and re.search(rf"(?m)^EXPOSE {rest.rpartition(':')[2]}$", image)
    # One network for all who speak, and MongoDB on its loopback.
    (owner,) = [name for name, service in SERVICES.items() if "network_mode" not in service]
    assert {service["network_mode"] for name, service in SERVICES.items() if name != owner} == {f"service:{owner}", "none"}
    assert SERVICES[owner]["command"][-2:] == ["--bind_ip", "127.0.0.1"]
    # Without --listen and credentials the gateway is on loopback, too, where the cinema looks for it.
    settings = (ROOT / "crates" / "gateway" / "src" / "settings" / "mod.rs").read_text()
    found = re.search(r"listen: SocketAddr::from\(\(\[([\d, ]+)\], (\d+)\)\)", settings)
    address = f"http://{found[1].replace(', ', '.')}:{found[2]}"
    assert SERVICES["gateway"]["command"] == ["serve"]
    assert SERVICES["cinema"]["environment"] == {"SPIN_VARIABLE_DATA_API_URL": address} and "data_api_url" in spin.variables()


@pytest.mark.parametrize("name", SERVICES)
def test_what_runs_is_certain_and_waits_for_what_is_healthy(name):
    service = SERVICES[name]
    if "build" in service:
        assert (ROOT / service["build"]["dockerfile"]).is_file() and service["image"].startswith("localhost/")
        assert service["read_only"] is True and service["cap_drop"] == ["ALL"]
    else:
        assert fault(service["image"]) is None
    for other, how in service.get("depends_on", {}).items():
        wanted = "service_healthy" if "healthcheck" in SERVICES[other] else "service_completed_successfully"
        assert how["condition"] == wanted, other


def test_its_keys_are_where_it_looks_for_them():
    keys, cinema = SERVICES["keys"], SERVICES["cinema"]
    file = keys["entrypoint"][-1]
    assert cinema["command"][:2] == keys["entrypoint"][-2:] == ["--env-file", file]
    state = file.rpartition("/")[0]
    assert f'"--state-dir", "{state}"' in (K8S / "images" / "host.Dockerfile").read_text()
    assert all(f"state:{state}" in service["volumes"] for service in (keys, cinema))
