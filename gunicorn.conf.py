"""How ``gunicorn app:server`` serves many readers; ``make serve`` starts it."""

import sys
from pathlib import Path

from server.patience import PatientWorker, QuietLogger
from server.settings import SettingError, Settings

try:
    _settings = Settings.from_environment()
except SettingError as error:
    print(error, file=sys.stderr)
    sys.exit(2)

bind = f"{_settings.host}:{_settings.port}"
workers = _settings.workers
worker_class = PatientWorker
threads = _settings.threads
logger_class = QuietLogger

_memory = Path("/dev/shm")
worker_tmp_dir = str(_memory) if _memory.is_dir() else None

timeout = 60
"""Seconds after which a worker that does not move at all is replaced."""

graceful_timeout = 30
"""Seconds that answers have to be finished after SIGTERM."""

keepalive = 75
"""Seconds; longer than nginx keeps its own end (60), which would reuse a closed connection."""

accesslog = "-"
access_log_format = '%(h)s %(t)s "%(m)s %(U)s" %(s)s %(B)s %(M)sms'
"""Without query, referrer and browser: what readers type and choose is theirs."""
