"""Figures of the jobs of this process. Labels are outcomes and names of jobs: never an endpoint, never a dialog."""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

ATTEMPTS: Final = Counter("mtchat_webhook_attempts", "Tries of webhooks, by what became of them", ["outcome"])
ATTEMPT_SECONDS: Final = Histogram(
    "mtchat_webhook_attempt_seconds",
    "Time from the beginning of a try to its answer",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)
LANES_BUSY: Final = Gauge("mtchat_webhook_lanes_busy", "Dialogs whose webhooks are under way in this process")
OVERDUE_SECS: Final = Gauge(
    "mtchat_webhook_overdue_seconds", "How late the longest due lane is that no worker has taken"
)
LANES_TAKEN_OVER: Final = Counter("mtchat_webhook_lanes_taken_over", "Lanes freed from workers that died")
ENDPOINTS_GONE: Final = Counter("mtchat_webhook_endpoints_gone", "Endpoints disabled because they answered 410")
NOTICES: Final = Counter("mtchat_notifications", "Notices made of unread messages")
ARCHIVED: Final = Counter("mtchat_archived", "People for whom a silent dialog was archived")
PRUNED: Final = Counter("mtchat_pruned_rows", "Old rows removed, by kind", ["kind"])
FILES: Final = Counter("mtchat_files_seen", "Files looked at: scanned, or a thumbnail drawn")
OBJECTS_REMOVED: Final = Counter("mtchat_objects_removed", "Objects removed from the storage of files")
JOB_FAILURES: Final = Counter("mtchat_job_failures", "Rounds of a job that ended with an error", ["job"])
