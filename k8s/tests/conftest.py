"""What the tests are handed: each application that is rendered, and each thing that is rendered at all, by its name."""

from dataclasses import dataclass

import pytest

import edges
import render
from cluster import Cluster


@dataclass
class Rendering:
    name: str
    things: list

    @property
    def cluster(self):
        return Cluster(self.things)

    @property
    def apart(self):
        return len(edges.apps(self.cluster)) > 1


@pytest.fixture(params=render.application_sources())
def application(request):
    return Rendering(request.param, render.application_sources()[request.param]())


@pytest.fixture(params=render.sources())
def rendering(request):
    return Rendering(request.param, render.sources()[request.param]())


@pytest.fixture
def prod():
    return Rendering("chart-prod", render.sources()["chart-prod"]())
