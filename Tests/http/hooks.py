"""What schemathesis cannot make of a schema: bodies that are no JSON text."""

import json

import schemathesis
from hypothesis import strategies as st

LINES = st.lists(
    st.fixed_dictionaries(
        {"id": st.text("abc", min_size=1, max_size=3), "kind": st.sampled_from(["ad", "moon"])},
        optional={"bid": st.integers(-1, 10), "text": st.text(max_size=20)},
    ),
    max_size=4,
)

schemathesis.openapi.media_type(
    "application/x-ndjson",
    LINES.map(lambda items: "\n".join(json.dumps(item) for item in items).encode()),
)
schemathesis.openapi.media_type(
    "application/toml",
    st.sampled_from(
        [b"version = 1\n", b'version = 1\n[link]\nacross_products = "never"\n', b"version =", b""]
    ),
)
