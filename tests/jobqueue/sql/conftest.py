"""Each test with a `door` runs once through Python and once through SQL."""

import pytest

from jobqueue import known_types

from .doors import Door, Python, Sql


@pytest.fixture(params=[Python(), Sql()], ids=["python", "sql"])
def door(request: pytest.FixtureRequest, db: None) -> Door:
    """One of the two."""
    known_types.sync()
    chosen: Door = request.param
    return chosen


@pytest.fixture
def sql(db: None) -> Sql:
    """The functions alone."""
    known_types.sync()
    return Sql()
