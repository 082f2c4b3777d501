-- name: attach_files
-- The files of a message that the same transaction has just sent. Claims its uploads: unused, its sender's, of this dialog. Fewer
-- rows than it names means that one is not his to send any more: the caller then undoes the message. Upload rows are locked after
-- the dialog, in id order. Copies that are not kept, and the uploaded objects of those that are, go when no upload url is good any
-- more and no other send can still be making one.
WITH file AS (
    SELECT * FROM unnest(
        %(upload_ids)s::uuid[], %(keys)s::text[], %(names)s::text[], %(states)s::text[], %(works)s::bool[]
    ) WITH ORDINALITY AS f (upload_id, key, name, state, has_work, position)
), upload AS MATERIALIZED (
    SELECT f.position, f.key AS kept_key, f.name, f.state, f.has_work, u.id, u.key, u.kept_keys, u.content_type, u.size, u.part_size
    FROM file AS f
    JOIN uploads AS u ON u.dialog_id = %(dialog_id)s AND u.id = f.upload_id AND u.user_id = %(user_id)s AND u.parts_id IS NULL
    ORDER BY u.id
    FOR UPDATE OF u
), counted AS (
    UPDATE messages AS m SET files = (SELECT count(*) FROM upload) WHERE m.dialog_id = %(dialog_id)s AND m.id = %(message_id)s
    RETURNING m.dialog_id, m.id, m.sent_at
), attached AS (
    INSERT INTO attachments AS f (dialog_id, message_id, id, filename, content_type, size, key, state, due_at)
    SELECT m.dialog_id, m.id, uuid7_at(m.sent_at + u.position * interval '1 microsecond'), u.name, u.content_type, u.size, u.kept_key,
           u.state, CASE WHEN u.has_work THEN clock_timestamp() END
    FROM counted AS m CROSS JOIN upload AS u
    RETURNING f.id, file_json(f) AS json
), claimed AS (
    DELETE FROM uploads AS o USING upload AS u WHERE o.dialog_id = %(dialog_id)s AND o.id = u.id
), outdated AS (
    INSERT INTO storage_deletions (key, in_parts, due_at)
    SELECT o.key, u.part_size IS NOT NULL, clock_timestamp() + %(upload_secs)s * interval '1 second'
    FROM upload AS u CROSS JOIN LATERAL unnest(u.kept_keys || u.key) AS o (key)
    WHERE o.key <> u.kept_key
)
SELECT count(*) AS attached, json_agg(f.json ORDER BY f.id) AS files FROM attached AS f;

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
