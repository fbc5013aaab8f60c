"""``python -m yingcheng.web.jobs WORKER [DEAD]``: a worker; ``DEAD`` is one that is known to have ended."""

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yingcheng.web.settings")
django.setup()

from yingcheng.web.jobs.actions import forget_worker  # noqa: E402  # needs the settings
from yingcheng.web.jobs.worker import work  # noqa: E402

if __name__ == "__main__":
    for dead in sys.argv[2:]:
        forget_worker(dead)
    work(sys.argv[1])
