"""`python -m bench.replay AWS_URL [SLACK_URL]`: the replaying process; it ends when its standard input closes."""

import asyncio
import sys

from bench.replay.server import serve

if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None))
