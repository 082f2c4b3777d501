-- name: send_messages
-- Everything a batch of sends changes, in one statement. Locks the dialogs in id order, then the participant rows it will
-- change in key order, so that batches of any number of processes never deadlock. The locked rows are read as they are after
-- waiting, so seq and user_no are dense whatever happened since the statement began.
-- A send whose client_message_id another process has just used fails the statement by `messages_once`; it is then run again, and finds it.
-- Files of all messages stand in one list; `file_drafts` tells whose they are. A message with files claims their uploads here: unused,
-- its sender's, of this dialog; it is sent with all of them or not at all. Copies that are not kept, and the uploaded objects of those
-- that are, go when no upload url is good any more and no other send can still be making one. Upload rows are locked after the dialog.
WITH input AS (
    SELECT * FROM unnest(
        %(dialog_ids)s::uuid[], %(sender_ids)s::text[], %(contents)s::text[], %(reply_to_ids)s::uuid[], %(client_message_ids)s::text[]
    ) WITH ORDINALITY AS given (dialog_id, sender_id, content, reply_to_id, client_message_id, position)
), file AS (
    SELECT f.*, row_number() OVER (PARTITION BY f.upload_id ORDER BY f.draft) AS turn
    FROM unnest(
        %(file_drafts)s::int[], %(file_upload_ids)s::uuid[], %(file_keys)s::text[], %(file_names)s::text[], %(file_states)s::text[],
        %(file_works)s::bool[]
    ) WITH ORDINALITY AS f (draft, upload_id, key, name, state, has_work, position)
), dialog AS MATERIALIZED (
    SELECT d.id, d.last_seq, d.user_no, d.clock_at
    FROM dialogs AS d
    WHERE d.id = ANY (%(dialog_ids)s::uuid[])
    ORDER BY d.id
    FOR NO KEY UPDATE
), touched AS (
    SELECT i.dialog_id, i.sender_id AS user_id FROM input AS i JOIN dialog AS d ON d.id = i.dialog_id
    UNION
    SELECT p.dialog_id, p.user_id FROM dialog AS d JOIN participants AS p ON p.dialog_id = d.id AND p.is_archived
), member AS MATERIALIZED (
    SELECT p.dialog_id, p.user_id, p.is_archived
    FROM touched AS t JOIN participants AS p ON p.dialog_id = t.dialog_id AND p.user_id = t.user_id
    ORDER BY p.dialog_id, p.user_id
    FOR NO KEY UPDATE OF p
), repeated AS MATERIALIZED (
    SELECT i.position, m.seq, message_json(m) AS message, CASE WHEN m.files > 0 THEN message_files(m) END AS files
    FROM input AS i
    JOIN messages AS m ON m.dialog_id = i.dialog_id AND m.sender_id = i.sender_id AND m.client_message_id = i.client_message_id
), started AS MATERIALIZED (
    SELECT d.*, greatest(clock_timestamp(), d.clock_at + interval '1 microsecond') AS starts_at FROM dialog AS d
), upload AS MATERIALIZED (
    SELECT f.position, u.dialog_id, u.id, u.key, u.kept_keys, u.content_type, u.size, u.part_size
    FROM file AS f
    JOIN input AS i ON i.position = f.draft
    JOIN dialog AS d ON d.id = i.dialog_id
    JOIN uploads AS u ON u.dialog_id = d.id AND u.id = f.upload_id AND u.user_id = i.sender_id AND u.parts_id IS NULL
    WHERE f.turn = 1 AND NOT EXISTS (SELECT FROM repeated AS r WHERE r.position = f.draft)
    ORDER BY u.id
    FOR UPDATE OF u
), incomplete AS (
    SELECT f.draft FROM file AS f LEFT JOIN upload AS u ON u.position = f.position WHERE u.id IS NULL
), numbered AS (
    SELECT i.*, d.last_seq, d.user_no, d.starts_at, row_number() OVER (PARTITION BY i.dialog_id ORDER BY i.position) AS n
    FROM input AS i
    JOIN started AS d ON d.id = i.dialog_id
    JOIN member AS p ON p.dialog_id = i.dialog_id AND p.user_id = i.sender_id
    WHERE NOT EXISTS (SELECT FROM repeated AS r WHERE r.position = i.position)
      AND i.position NOT IN (SELECT f.draft FROM incomplete AS f)
), accepted AS MATERIALIZED (
    SELECT a.position, a.dialog_id, a.sender_id, a.content, target.id AS reply_to_id, a.client_message_id, a.n,
           a.last_seq + a.n AS seq, a.user_no + a.n AS user_no,
           a.starts_at + (a.n - 1) * interval '1 microsecond' AS sent_at,
           uuid7_at(a.starts_at + (a.n - 1) * interval '1 microsecond') AS id
    FROM numbered AS a
    LEFT JOIN messages AS target ON target.dialog_id = a.dialog_id AND target.id = a.reply_to_id
), stored AS (
    INSERT INTO messages (dialog_id, id, seq, user_no, sender_id, content, sent_at, reply_to_id, client_message_id, files)
    SELECT dialog_id, id, seq, user_no, sender_id, content, sent_at, reply_to_id, client_message_id,
           (SELECT count(*) FROM file AS f WHERE f.draft = accepted.position)
    FROM accepted
), attached AS (
    INSERT INTO attachments AS f (dialog_id, message_id, id, filename, content_type, size, key, state, due_at)
    SELECT a.dialog_id, a.id, uuid7_at(a.sent_at + g.position * interval '1 microsecond'), g.name, u.content_type, u.size, g.key, g.state,
           CASE WHEN g.has_work THEN clock_timestamp() END
    FROM accepted AS a
    JOIN file AS g ON g.draft = a.position
    JOIN upload AS u ON u.position = g.position
    RETURNING f.message_id, f.id, file_json(f) AS json
), claimed AS (
    DELETE FROM uploads AS o USING upload AS u, file AS g, accepted AS a
    WHERE g.position = u.position AND a.position = g.draft AND o.dialog_id = u.dialog_id AND o.id = u.id
), outdated AS (
    INSERT INTO storage_deletions (key, in_parts, due_at)
    SELECT o.key, u.part_size IS NOT NULL, clock_timestamp() + %(upload_secs)s * interval '1 second'
    FROM upload AS u
    JOIN file AS g ON g.position = u.position
    JOIN accepted AS a ON a.position = g.draft
    CROSS JOIN LATERAL unnest(u.kept_keys || u.key) AS o (key)
    WHERE o.key <> g.key
), logged AS (
    INSERT INTO dialog_events (dialog_id, seq, type, message_id, created_at)
    SELECT dialog_id, seq, 'message.new', id, sent_at FROM accepted
), newest AS (
    SELECT DISTINCT ON (dialog_id) dialog_id, id, seq, user_no, sent_at FROM accepted ORDER BY dialog_id, seq DESC
), advanced AS (
    UPDATE dialogs AS d
    SET last_seq = n.seq, user_no = n.user_no, clock_at = n.sent_at, last_message_id = n.id, last_message_at = n.sent_at
    FROM newest AS n WHERE d.id = n.dialog_id
), own AS (
    SELECT DISTINCT ON (dialog_id, sender_id) dialog_id, sender_id, id, user_no
    FROM accepted ORDER BY dialog_id, sender_id, seq DESC
), positioned AS (
    UPDATE participants AS p
    SET is_archived = false,
        read_message_id = coalesce(own.id, p.read_message_id),
        read_no = coalesce(own.user_no, p.read_no),
        may_have_own_unread = p.may_have_own_unread AND own.id IS NULL
    FROM member AS m
    JOIN newest AS n ON n.dialog_id = m.dialog_id
    LEFT JOIN own ON own.dialog_id = m.dialog_id AND own.sender_id = m.user_id
    WHERE p.dialog_id = m.dialog_id AND p.user_id = m.user_id AND (own.id IS NOT NULL OR m.is_archived)
), unarchived AS (
    SELECT dialog_id, array_agg(user_id) AS user_ids FROM member WHERE is_archived GROUP BY dialog_id
)
SELECT (d.id IS NOT NULL) AS dialog_exists,
       (p.user_id IS NOT NULL) AS is_member,
       a.id, a.seq, wire_time(a.sent_at) AS sent_at, a.reply_to_id,
       (SELECT json_agg(f.json ORDER BY f.id) FROM attached AS f WHERE f.message_id = a.id) AS files,
       EXISTS (SELECT FROM incomplete AS f WHERE f.draft = i.position) AS lacks_upload,
       CASE WHEN a.n = 1 THEN u.user_ids END AS unarchived,
       r.message AS repeated, r.files AS repeated_files
FROM input AS i
LEFT JOIN dialog AS d ON d.id = i.dialog_id
LEFT JOIN member AS p ON p.dialog_id = i.dialog_id AND p.user_id = i.sender_id
LEFT JOIN accepted AS a ON a.position = i.position
LEFT JOIN repeated AS r ON r.position = i.position
LEFT JOIN unarchived AS u ON u.dialog_id = i.dialog_id
ORDER BY i.position;

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
