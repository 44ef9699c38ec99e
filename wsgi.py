"""What the server imports. A setting that is missing or wrong ends it with one sentence."""

from portal import create_app
from portal.config import ConfigError
from portal.seal.keys import SealError

try:
    app = create_app()
except (ConfigError, SealError) as refused:
    raise SystemExit(f"Foothold does not start. {refused}") from None
