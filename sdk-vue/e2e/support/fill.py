"""Fill a dialog with messages, past the API: fill.py HOME DIALOG_ID COUNT. Needs a server running on that home."""

import sys
from pathlib import Path

import psycopg

from mtchat.persistence.embedded import open_embedded

home, dialog_id, count = sys.argv[1:]
database = open_embedded(Path(home))
with psycopg.connect(database.url) as connection:
    statement = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    connection.execute(statement, {"dialog_id": dialog_id, "count": int(count)})
database.stop()
