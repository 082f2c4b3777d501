-- name: find_attachment
-- One file as a participant of its dialog may see it. No row: no such file, or not in the dialog.
SELECT file_json(f) AS file
FROM attachments AS f
JOIN participants AS p ON p.dialog_id = f.dialog_id AND p.user_id = %(user_id)s
WHERE f.id = %(attachment_id)s;

-- name: claim_due_files
-- Files a worker has something to do with, longest waiting first; until the lease ends they are nobody else's.
UPDATE attachments AS f
SET due_at = clock_timestamp() + %(lease_secs)s * interval '1 second', attempts = f.attempts + 1
WHERE f.id = ANY (ARRAY(
    SELECT d.id FROM attachments AS d WHERE d.due_at <= clock_timestamp()
    ORDER BY d.due_at LIMIT %(most)s
    FOR UPDATE SKIP LOCKED
))
RETURNING f.dialog_id, f.message_id, f.id, f.key, f.content_type, f.size, f.state, f.attempts, f.delays;

-- name: secs_until_files_due
-- Null: nothing waits.
SELECT extract(epoch FROM min(f.due_at) - clock_timestamp())::float8 FROM attachments AS f WHERE f.due_at IS NOT NULL;

-- name: postpone_file
-- What could not be done is tried again later.
UPDATE attachments SET due_at = clock_timestamp() + %(delay_secs)s * interval '1 second', delays = delays + 1
WHERE dialog_id = %(dialog_id)s AND message_id = %(message_id)s AND id = %(id)s;

-- name: finish_file
-- What a worker has found out about a file, and the event that says so. Locks the dialog row. An infected file's object is to go.
-- No row: the message is gone meanwhile.
WITH dialog AS MATERIALIZED (
    SELECT d.id, d.last_seq FROM dialogs AS d WHERE d.id = %(dialog_id)s FOR NO KEY UPDATE
), changed AS (
    UPDATE attachments AS f
    SET state = %(state)s, width = %(width)s, height = %(height)s, thumbnail_type = %(thumbnail_type)s,
        due_at = CASE WHEN %(is_done)s::bool THEN NULL ELSE f.due_at END
    FROM dialog AS d
    WHERE f.dialog_id = d.id AND f.message_id = %(message_id)s AND f.id = %(id)s
    RETURNING f.dialog_id, f.message_id, f.key, d.last_seq + 1 AS seq, file_json(f) AS file
), logged AS (
    INSERT INTO dialog_events (dialog_id, seq, type, message_id, data, created_at)
    SELECT c.dialog_id, c.seq, 'attachment.updated', c.message_id, c.file::jsonb - '{key,dialog_id}'::text[], clock_timestamp()
    FROM changed AS c
), advanced AS (
    UPDATE dialogs AS d SET last_seq = c.seq FROM changed AS c WHERE d.id = c.dialog_id
), removed AS (
    INSERT INTO storage_deletions (key) SELECT c.key FROM changed AS c WHERE %(state)s::text = 'infected'
)
SELECT c.seq, c.file FROM changed AS c;

-- name: settle_file
-- The work on a file ended without anything to tell: no thumbnail can be made of it.
UPDATE attachments SET due_at = NULL WHERE dialog_id = %(dialog_id)s AND message_id = %(message_id)s AND id = %(id)s;

-- name: list_file_keys
-- A page of what the storage should hold of attachments, in the order in which it lists its objects.
SELECT f.dialog_id, f.key, f.id, f.message_id, f.thumbnail_type, f.state
FROM attachments AS f
WHERE (f.dialog_id, f.key) > (%(after_dialog_id)s::uuid, %(after_key)s::text COLLATE "C")
ORDER BY f.dialog_id, f.key
LIMIT %(limit)s;

-- name: list_known_keys
-- Those of these objects that some row speaks of. `ids` are the attachments whose thumbnails the keys may be.
SELECT f.key FROM attachments AS f WHERE (f.dialog_id, f.key) IN (
    SELECT * FROM unnest(%(dialog_ids)s::uuid[], %(keys)s::text[])) AND f.state <> 'infected'
UNION ALL
SELECT thumbnail_key(f.dialog_id, f.id) FROM attachments AS f WHERE f.id = ANY (%(ids)s::uuid[])
UNION ALL
SELECT named.key FROM uploads AS u, unnest(u.kept_keys || u.key) AS named (key)
WHERE u.dialog_id = ANY (%(dialog_ids)s::uuid[]) AND named.key = ANY (%(keys)s::text[])
UNION ALL
SELECT d.key FROM storage_deletions AS d WHERE d.key = ANY (%(keys)s::text[]);

-- name: renew_thumbnail
-- The thumbnail is gone from the storage; a worker makes it again.
UPDATE attachments SET thumbnail_type = NULL, due_at = clock_timestamp(), attempts = 0, delays = 0
WHERE dialog_id = %(dialog_id)s AND message_id = %(message_id)s AND id = %(id)s;
