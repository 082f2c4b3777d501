-- name: send_messages
-- Everything a batch of sends changes, in one statement. Locks the dialogs in id order, then the participant rows it will change in
-- key order, so that batches of any number of processes never deadlock. The locked rows are read as they are after waiting, so seq
-- and user_no are dense whatever happened since the statement began. No row: the sender is not in the dialog; rows come in no order.
-- `repeated_id`: stored before under this client_message_id, nothing is stored now. One that another process has just used fails the
-- statement by `messages_once`; it is then run again, and finds it.
-- Half of the time of a lone send is PostgreSQL setting up the plan, so nodes are counted here: what a later step needs is carried
-- along and not joined again, and joins of a few rows are lateral, which keeps them plain loops.
WITH draft AS MATERIALIZED (
    SELECT * FROM unnest(
        %(dialog_ids)s::uuid[], %(sender_ids)s::text[], %(contents)s::text[], %(reply_to_ids)s::uuid[], %(client_message_ids)s::text[]
    ) WITH ORDINALITY AS given (dialog_id, sender_id, content, reply_to_id, client_message_id, position)
), dialog AS MATERIALIZED (
    SELECT d.id, d.last_seq, d.user_no, greatest(clock_timestamp(), d.clock_at + interval '1 microsecond') AS starts_at
    FROM dialogs AS d
    WHERE d.id = ANY (%(dialog_ids)s::uuid[])
    ORDER BY d.id
    FOR NO KEY UPDATE
), touched AS (
    SELECT d.id AS dialog_id, g.sender_id AS user_id
    FROM dialog AS d CROSS JOIN LATERAL (SELECT g.sender_id FROM draft AS g WHERE g.dialog_id = d.id OFFSET 0) AS g
    UNION
    SELECT p.dialog_id, p.user_id FROM participants AS p WHERE p.is_archived AND p.dialog_id = ANY (%(dialog_ids)s::uuid[])
), member AS MATERIALIZED (
    SELECT p.dialog_id, p.user_id, p.is_archived
    FROM touched AS t JOIN participants AS p ON p.dialog_id = t.dialog_id AND p.user_id = t.user_id
    ORDER BY p.dialog_id, p.user_id
    FOR NO KEY UPDATE OF p
), numbered AS MATERIALIZED (
    SELECT g.position, g.dialog_id, g.sender_id, g.content, g.client_message_id, target.id AS reply_to_id,
           r.id AS repeated_id, r.id IS NULL AS is_new, row_number() OVER lane AS n, lead(1) OVER lane IS NULL AS is_last,
           d.last_seq + row_number() OVER lane AS seq, d.user_no + row_number() OVER lane AS user_no,
           d.starts_at + (row_number() OVER lane - 1) * interval '1 microsecond' AS sent_at,
           uuid7_at(d.starts_at + (row_number() OVER lane - 1) * interval '1 microsecond') AS id
    FROM draft AS g
    CROSS JOIN LATERAL (
        SELECT d.last_seq, d.user_no, d.starts_at FROM dialog AS d
        WHERE d.id = g.dialog_id
          AND EXISTS (SELECT FROM member AS m WHERE m.dialog_id = g.dialog_id AND m.user_id = g.sender_id)
        OFFSET 0
    ) AS d
    LEFT JOIN messages AS r
        ON r.dialog_id = g.dialog_id AND r.sender_id = g.sender_id AND r.client_message_id = g.client_message_id
    LEFT JOIN messages AS target ON target.dialog_id = g.dialog_id AND target.id = g.reply_to_id
    WINDOW lane AS (PARTITION BY g.dialog_id, r.id IS NULL ORDER BY g.position)
), stored AS (
    INSERT INTO messages (dialog_id, id, seq, user_no, sender_id, content, sent_at, reply_to_id, client_message_id)
    SELECT dialog_id, id, seq, user_no, sender_id, content, sent_at, reply_to_id, client_message_id FROM numbered WHERE is_new
), logged AS (
    INSERT INTO dialog_events (dialog_id, seq, type, message_id, created_at)
    SELECT dialog_id, seq, 'message.new', id, sent_at FROM numbered WHERE is_new
), advanced AS (
    UPDATE dialogs AS d
    SET last_seq = n.seq, user_no = n.user_no, clock_at = n.sent_at, last_message_id = n.id, last_message_at = n.sent_at
    FROM numbered AS n WHERE d.id = n.dialog_id AND n.is_new AND n.is_last
), positioned AS (
    UPDATE participants AS p
    SET is_archived = false,
        read_message_id = coalesce(own.id, p.read_message_id),
        read_no = coalesce(own.user_no, p.read_no),
        may_have_own_unread = p.may_have_own_unread AND own.id IS NULL
    FROM member AS m
    LEFT JOIN LATERAL (
        SELECT n.id, n.user_no FROM numbered AS n
        WHERE n.is_new AND n.dialog_id = m.dialog_id AND n.sender_id = m.user_id
        ORDER BY n.seq DESC LIMIT 1
    ) AS own ON true
    WHERE p.dialog_id = m.dialog_id AND p.user_id = m.user_id
      AND (own.id IS NOT NULL
           OR m.is_archived AND EXISTS (SELECT FROM numbered AS n WHERE n.is_new AND n.dialog_id = m.dialog_id))
)
SELECT n.position, n.repeated_id, n.id, n.seq, wire_time(n.sent_at) AS sent_at, n.reply_to_id,
       CASE WHEN n.is_new AND n.n = 1 THEN
           (SELECT array_agg(m.user_id) FROM member AS m WHERE m.is_archived AND m.dialog_id = n.dialog_id)
       END AS unarchived
FROM numbered AS n;

-- name: find_writer
-- Whether a person is in a dialog. No row: no such dialog.
SELECT (p.user_id IS NOT NULL) AS is_member
FROM dialogs AS d LEFT JOIN participants AS p ON p.dialog_id = d.id AND p.user_id = %(user_id)s
WHERE d.id = %(dialog_id)s;

-- name: page_messages
-- One page around a pivot: up to `older` + 1 messages before it and `newer` + 1 from it on (the extra one only tells that there
-- are more), with where the reader stands. His unread count is taken once, not for each row. The rows are picked before their
-- JSON is built: a plan that sorts would otherwise build it for the whole dialog. No row: not a participant, or no such dialog.
WITH reader AS MATERIALIZED (
    SELECT p.dialog_id, p.user_id, p.read_no, d.last_seq, unread_count(d, p) AS unread
    FROM participants AS p
    JOIN dialogs AS d ON d.id = p.dialog_id
    WHERE p.dialog_id = %(dialog_id)s AND p.user_id = %(user_id)s
)
SELECT r.last_seq, r.read_no, r.unread, page.is_older, (page.m).id, (page.m).user_no,
       ((page.m).sender_id <> r.user_id) IS TRUE AS foreign_user,
       CASE WHEN page.is_older IS NOT NULL THEN message_json(page.m) END AS message,
       CASE WHEN (page.m).files > 0 THEN message_files(page.m) END AS files
FROM reader AS r
LEFT JOIN LATERAL (
    (SELECT true AS is_older, m FROM messages AS m
     WHERE m.dialog_id = r.dialog_id AND m.id < %(pivot)s::uuid ORDER BY m.id DESC LIMIT %(older)s + 1)
    UNION ALL
    (SELECT false, m FROM messages AS m
     WHERE m.dialog_id = r.dialog_id AND m.id >= %(pivot)s::uuid ORDER BY m.id LIMIT %(newer)s + 1)
) AS page ON true;

-- name: find_message
-- One message as a participant may see it. No row: not a participant, or no such dialog; null message: no such message.
SELECT CASE WHEN m.id IS NOT NULL THEN message_json(m) END AS message, CASE WHEN m.files > 0 THEN message_files(m) END AS files,
       m.sender_id
FROM participants AS p
LEFT JOIN messages AS m ON m.dialog_id = p.dialog_id AND m.id = %(message_id)s
WHERE p.dialog_id = %(dialog_id)s AND p.user_id = %(user_id)s;

-- name: edit_message
-- Locks the dialog row, then the message; the old text goes to the history. No row: gone meanwhile, or not the author's.
WITH dialog AS MATERIALIZED (
    SELECT d.id, d.last_seq FROM dialogs AS d WHERE d.id = %(dialog_id)s FOR NO KEY UPDATE
), old AS MATERIALIZED (
    SELECT m.dialog_id, m.id, m.content, d.last_seq + 1 AS seq,
           greatest(clock_timestamp(), coalesce(m.last_edited_at, m.sent_at) + interval '1 microsecond') AS edited_at
    FROM dialog AS d
    JOIN messages AS m ON m.dialog_id = d.id AND m.id = %(message_id)s AND m.sender_id = %(user_id)s
    WHERE EXISTS (SELECT FROM participants AS p WHERE p.dialog_id = d.id AND p.user_id = %(user_id)s)
    FOR UPDATE OF m
), kept AS (
    INSERT INTO message_edits (dialog_id, message_id, edited_at, old_content) SELECT dialog_id, id, edited_at, content FROM old
), logged AS (
    INSERT INTO dialog_events (dialog_id, seq, type, message_id, created_at)
    SELECT dialog_id, seq, 'message.edited', id, edited_at FROM old
), advanced AS (
    UPDATE dialogs AS d SET last_seq = old.seq FROM old WHERE d.id = old.dialog_id
)
UPDATE messages AS m SET content = %(content)s, last_edited_at = old.edited_at
FROM old WHERE m.dialog_id = old.dialog_id AND m.id = old.id
RETURNING old.seq, message_json(m) AS message, CASE WHEN m.files > 0 THEN message_files(m) END AS files;

-- name: lock_dialog
-- First statement of a transaction whose next one must see everything that committed before the lock was taken.
SELECT d.id, d.last_seq FROM dialogs AS d WHERE d.id = %(dialog_id)s FOR NO KEY UPDATE;

-- name: delete_message
-- After lock_dialog. The row, its history and its text go; replies lose their target; a user message leaves a tombstone, so
-- that nobody's unread count needs a write. No row: gone meanwhile, or not the author's.
WITH gone AS MATERIALIZED (
    SELECT m.dialog_id, m.id, m.user_no, d.last_seq + 1 AS seq, d.last_message_id = m.id AS was_last
    FROM dialogs AS d JOIN messages AS m ON m.dialog_id = d.id
    WHERE d.id = %(dialog_id)s AND m.id = %(message_id)s AND m.sender_id = %(user_id)s
      AND EXISTS (SELECT FROM participants AS p WHERE p.dialog_id = d.id AND p.user_id = %(user_id)s)
), detached AS (
    UPDATE messages AS m SET reply_to_id = NULL FROM gone WHERE m.dialog_id = gone.dialog_id AND m.reply_to_id = gone.id AND m.id <> gone.id
), removed AS (
    DELETE FROM messages AS m USING gone WHERE m.dialog_id = gone.dialog_id AND m.id = gone.id
), tombstone AS (
    INSERT INTO deleted_messages (dialog_id, user_no) SELECT dialog_id, user_no FROM gone
), logged AS (
    INSERT INTO dialog_events (dialog_id, seq, type, message_id, created_at)
    SELECT dialog_id, seq, 'message.deleted', id, clock_timestamp() FROM gone
), previous AS (
    SELECT m.id, m.sent_at FROM gone JOIN messages AS m ON m.dialog_id = gone.dialog_id AND m.id < gone.id ORDER BY m.id DESC LIMIT 1
)
UPDATE dialogs AS d
SET last_seq = gone.seq,
    last_message_id = CASE WHEN gone.was_last THEN (SELECT id FROM previous) ELSE d.last_message_id END,
    last_message_at = CASE WHEN gone.was_last THEN (SELECT sent_at FROM previous) ELSE d.last_message_at END
FROM gone WHERE d.id = gone.dialog_id
RETURNING gone.seq;
