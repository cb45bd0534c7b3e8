"""Run by a PowerShell under test: puts the environment it was given beside what the shell wrote about itself.

Takes the directory as its argument; `environment` appears there last and at once, by renaming: whoever sees it can
read both.
"""

from __future__ import annotations

import os
import sys

try:
    with open("/proc/self/environ", "rb") as given:
        environment = given.read()
except OSError:
    environment = b"".join(name + b"=" + value + b"\0" for name, value in os.environb.items())
path = os.path.join(sys.argv[1], "environment")
with open(path + ".new", "wb") as file:
    file.write(environment)
os.replace(path + ".new", path)
