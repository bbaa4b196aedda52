"""Writes the expected outcomes anew."""

import json

from tests.ingest.golden import SAMPLES, expected_of, outcome

for sample in SAMPLES:
    expected_of(sample).write_text(json.dumps(outcome(sample), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
