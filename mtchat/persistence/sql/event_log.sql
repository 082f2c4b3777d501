-- name: list_events_since
-- The events of one dialog after a seq, oldest first, with the message each one speaks of (null when it is gone).
SELECT e.seq, e.type, e.message_id, e.user_id, e.data, CASE WHEN m.id IS NOT NULL THEN message_json(m) END AS message
FROM dialog_events AS e
LEFT JOIN messages AS m ON m.dialog_id = e.dialog_id AND m.id = e.message_id
WHERE e.dialog_id = %(dialog_id)s AND e.seq > %(seq)s
ORDER BY e.seq
LIMIT %(limit)s;
