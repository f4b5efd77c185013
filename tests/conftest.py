"""How tests are run, wherever they are."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# A machine that is busy with other things is no fault of the test.
settings.register_profile("duban", suppress_health_check=[HealthCheck.too_slow], deadline=None)
settings.load_profile("duban")
