"""How tests are run, wherever they are."""

from __future__ import annotations

import signal

from hypothesis import HealthCheck, settings

# A machine that is busy with other things is no fault of the test.
settings.register_profile("duban", suppress_health_check=[HealthCheck.too_slow], deadline=None)
settings.load_profile("duban")

# Whoever starts the tests in the background lets them ignore Ctrl-C, and with them every command
# that a test starts and interrupts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
