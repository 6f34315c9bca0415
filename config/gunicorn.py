"""gunicorn: `gunicorn -c config/gunicorn.py config.wsgi`."""

from typing import Any

workers = 4
# A print job or an upload may take long; what takes longer than this is stuck.
timeout = 120
# Workers start anew now and then, not all at once: a leak never grows for months.
max_requests = 2_000
max_requests_jitter = 200


def post_worker_init(worker: Any) -> None:
    """Pay the cold start of printing (about a second) before the first person prints."""
    from agreements.printing.renderer import warm_up

    warm_up()
