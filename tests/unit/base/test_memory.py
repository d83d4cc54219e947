# SPDX-License-Identifier: Apache-2.0
import platform
import subprocess
import sys

import pytest

# Buffers of a page's size, made and dropped in threads while small things are kept.
SCRIPT = """
import sys, threading
if sys.argv[1] == "small":
    from nova_lite.base import memory
    assert memory.keep_small()
kept = []
def work():
    for _ in range(20):
        buffers = [bytes(1_000_000) for _ in range(10)]
        kept.append(bytes(1000))
        del buffers
threads = [threading.Thread(target=work) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
with open("/proc/self/smaps_rollup") as lines:
    print(next(int(line.split()[1]) for line in lines if line.startswith("Pss:")))
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="glibc only")
def test_freed_buffers_go_back_to_the_system():
    sizes = {}
    for mode in ("plain", "small"):
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT, mode], capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr
        sizes[mode] = int(done.stdout)
    assert sizes["small"] < 30_000  # KiB; the interpreter alone is about 10,000
    assert sizes["small"] < sizes["plain"], sizes
