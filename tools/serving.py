"""Odoo, served for a browser while a script runs."""

import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager


@contextmanager
def serving(database, port):
    """Serve one database, without scheduled actions, at ``http://localhost:port``."""
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "odoo", "-d", database, "--db-filter", f"^{database}$"),
            *("--http-port", str(port), "--http-interface", "127.0.0.1"),
            *("--log-level", "error", "--max-cron-threads", "0"),
        ]
    )
    try:
        for _attempt in range(240):
            try:
                urllib.request.urlopen(f"http://localhost:{port}/web/health", timeout=5).close()
                break
            except OSError:
                time.sleep(0.5)
        yield
    finally:
        server.terminate()
        server.wait()
