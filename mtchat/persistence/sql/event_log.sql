-- name: list_events_since
-- The events of one dialog after a seq, oldest first, with the message each one speaks of (null when it is gone). The few events
-- come first: joined before the limit, a plan made for any dialog reads all messages of a long one to find ten.
SELECT e.seq, e.type, e.message_id, e.user_id, e.data, CASE WHEN m.id IS NOT NULL THEN message_json(m) END AS message,
       CASE WHEN m.files > 0 THEN message_files(m) END AS files
FROM (
    SELECT * FROM dialog_events AS log
    WHERE log.dialog_id = %(dialog_id)s AND log.seq > %(seq)s
    ORDER BY log.seq
    LIMIT %(limit)s
) AS e
LEFT JOIN LATERAL (
    SELECT * FROM messages AS named WHERE named.dialog_id = e.dialog_id AND named.id = e.message_id LIMIT 1
) AS m ON true
ORDER BY e.seq;
