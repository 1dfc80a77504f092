from tests.harness.superset import superset_fixture

superset = superset_fixture()
