"""Clients that come without the contract: they ask for it, by grpc.reflection, and for how the services are, by grpc.health.v1."""

import re
import subprocess

import grpc
import pytest
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

from host import ROOT, refused

SERVICES = [f"cinema.v1.{name}" for name in ("Auth", "Bookings", "Movies", "Showtimes", "Users")]
OTHERS = ["grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection"]


def test_the_contract_is_told(cinema):
    told = ProtoReflectionDescriptorDatabase(cinema.channel)
    assert set(SERVICES) <= set(told.get_services())
    pool = DescriptorPool(told)
    for service in SERVICES:
        assert pool.FindServiceByName(service).methods
    # A call by nothing but what was told.
    method = pool.FindServiceByName("cinema.v1.Movies").methods_by_name["StreamMovies"]
    request, response = GetMessageClass(method.input_type), GetMessageClass(method.output_type)
    stream = cinema.channel.unary_stream(f"/{method.containing_service.full_name}/{method.name}", request.SerializeToString, response.FromString)
    assert all(one.movie.rating >= 8 for one in stream(request(min_rating=8)))


def test_how_the_services_are(cinema):
    health = health_pb2_grpc.HealthStub(cinema.channel)
    for service in ["", *SERVICES]:
        assert health.Check(health_pb2.HealthCheckRequest(service=service)).status == health_pb2.HealthCheckResponse.SERVING
    assert refused(health.Check, health_pb2.HealthCheckRequest(service="cinema.v1.Nothing")).code == grpc.StatusCode.NOT_FOUND


def grpcurl(cinema, *arguments):
    command = ["grpcurl", "-plaintext", *arguments]
    done = subprocess.run([cinema.address if one == "HOST" else one for one in command], capture_output=True, text=True, timeout=60)
    return done.stdout or done.stderr


@pytest.mark.parametrize(("arguments", "said"), [
    (["HOST", "list"], [*SERVICES, *OTHERS]),
    (["HOST", "list", "cinema.v1.Movies"], ["cinema.v1.Movies.StreamMovies"]),
    (["HOST", "describe", "cinema.v1.Movies.StreamMovies"], ["rpc StreamMovies ( .cinema.v1.StreamMoviesRequest ) returns ( stream"]),
    (["HOST", "describe", "cinema.v1.User"], [".google.protobuf.Timestamp createdon = 6;"]),
    (["-d", '{"title": "swarm"}', "HOST", "cinema.v1.Movies/ListMovies"], ['"title": "The Swarm Clause"', '"createdon": "20']),
    (["-d", '{"min_rating": 9}', "HOST", "cinema.v1.Movies/StreamMovies"], ['"movie": {']),
    (["-d", '{"id": "x"}', "HOST", "cinema.v1.Movies/GetMovie"], ["Code: InvalidArgument", '"field": "id"', '"reason": "BAD_REQUEST"']),
    (["-d", '{"service": "cinema.v1.Bookings"}', "HOST", "grpc.health.v1.Health/Check"], ['"status": "SERVING"']),
])
def test_grpcurl(cinema, arguments, said):
    told = grpcurl(cinema, *arguments)
    assert all(part in told for part in said), told


@pytest.mark.parametrize("page", ["README.md", "docs/grpc.md"])
def test_what_the_pages_show(cinema, page):
    text = (ROOT / page).read_text()
    [block] = [block for block in re.findall(r"```sh\n(.*?)```", text, re.S) if "grpcurl" in block]
    done = subprocess.run(["bash", "-euc", block.replace("127.0.0.1:3000", cinema.address)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and done.stdout, done.stderr
    for said in re.findall(r"^# → (.*)", block, re.M):
        assert said in done.stdout, done.stdout
