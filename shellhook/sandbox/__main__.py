"""`python -m shellhook.sandbox`: the loopback AWS, until it is stopped."""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
from pathlib import Path

from shellhook.errors import ShellhookError


def main() -> int:
    """Serve in the foreground; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m shellhook.sandbox", description="a loopback AWS with people in it")
    parser.add_argument("--port", type=int, default=0, help="any free one by default")
    parser.add_argument("--lifetime", type=float, metavar="SECONDS", help="how long every session lives")
    parser.add_argument("--directory", type=Path, help="where the AWS files go; a temporary one by default")
    asked = parser.parse_args()
    directory = asked.directory or Path(tempfile.mkdtemp(prefix="shellhook-sandbox-"))
    try:
        from shellhook.sandbox.server import run

        asyncio.run(run(asked.port, asked.lifetime, directory))
    except ShellhookError as error:
        sys.stderr.write(f"{error}\n")
        return error.status
    except KeyboardInterrupt:
        return 130
    finally:
        if asked.directory is None:
            shutil.rmtree(directory, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
