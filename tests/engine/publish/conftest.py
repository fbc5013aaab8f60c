"""The realistic results of ``sample_results`` for every test of the writers."""

import pytest
from sample_results import make_empty_results, make_results

from yingcheng.publish.records import Results


@pytest.fixture(scope="session")
def results() -> Results:
    return make_results()


@pytest.fixture(scope="session")
def empty_results() -> Results:
    return make_empty_results()
