"""Only the list of fixture modules and the options every test shares."""

pytest_plugins = [
    "tests.support.fix_db",
    "tests.support.fix_app",
    "tests.support.fix_jobs",
    "tests.support.fix_live",
    "tests.support.fix_postgres",
    "tests.support.fix_processes",
    "tests.support.fix_realtime",
    "tests.support.fix_redis",
    "tests.support.fix_sockets",
    "tests.support.fix_storage",
]
