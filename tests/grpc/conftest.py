import pytest

from host import Cinema


@pytest.fixture(scope="session")
def cinema():
    with Cinema(sample=True) as cinema:
        yield cinema


@pytest.fixture(scope="session")
def staff_token(cinema):
    return cinema.staff()


@pytest.fixture(scope="session")
def staff(cinema, staff_token):
    return cinema.connected(staff_token)
