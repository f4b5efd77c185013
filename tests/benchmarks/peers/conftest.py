"""What each contender's own environment imports is not to be found in ours."""

from __future__ import annotations

collect_ignore_glob = ["with_*.py"]
