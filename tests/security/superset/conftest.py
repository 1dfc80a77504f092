from tests.harness.browser import browser_fixture
from tests.harness.superset import superset_fixture

browser = browser_fixture()
superset = superset_fixture()
