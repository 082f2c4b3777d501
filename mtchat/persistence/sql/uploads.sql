-- name: insert_upload
-- Leave to upload, for a participant who has not too many uploads waiting. Requests of one person at the same moment may exceed the
-- quota by their number, at most the connections of a process. No row: no such dialog; null id: see is_member.
WITH place AS (
    SELECT d.id, p.user_id
    FROM dialogs AS d LEFT JOIN participants AS p ON p.dialog_id = d.id AND p.user_id = %(user_id)s
    WHERE d.id = %(dialog_id)s
), waiting AS (
    SELECT count(*) AS uploads, coalesce(sum(u.size), 0) AS bytes FROM uploads AS u WHERE u.user_id = %(user_id)s
), fresh AS MATERIALIZED (
    SELECT uuid7_at(clock_timestamp()) AS id
), made AS (
    INSERT INTO uploads (dialog_id, id, user_id, key, content_type, size, part_size)
    SELECT p.id, f.id, p.user_id, 'dialogs/' || p.id || '/' || f.id || '.' || %(extension)s::text, %(content_type)s, %(size)s, %(part_size)s
    FROM place AS p, waiting AS w, fresh AS f
    WHERE p.user_id IS NOT NULL AND w.uploads < %(max_uploads)s AND w.bytes + %(size)s::bigint <= %(max_bytes)s
    RETURNING id, key
)
SELECT p.user_id IS NOT NULL AS is_member, m.id, m.key FROM place AS p LEFT JOIN made AS m ON true;

-- name: set_upload_parts
UPDATE uploads SET parts_id = %(parts_id)s WHERE dialog_id = %(dialog_id)s AND id = %(id)s AND user_id = %(user_id)s;

-- name: find_upload
-- One's own upload, while one is in the dialog.
SELECT u.dialog_id, u.id, u.key, u.content_type, u.size, u.part_size, u.parts_id
FROM uploads AS u
JOIN participants AS p ON p.dialog_id = u.dialog_id AND p.user_id = u.user_id
WHERE u.user_id = %(user_id)s AND u.id = %(upload_id)s;

-- name: complete_upload
UPDATE uploads SET parts_id = NULL WHERE user_id = %(user_id)s AND id = %(upload_id)s;

-- name: delete_upload
-- Given up by its owner; what is there of it is to go: now, and once more when nothing on its way can arrive any more.
WITH gone AS (
    DELETE FROM uploads WHERE user_id = %(user_id)s AND id = %(upload_id)s RETURNING key, kept_keys, part_size
)
INSERT INTO storage_deletions (key, in_parts, due_at)
SELECT o.key, g.part_size IS NOT NULL, clock_timestamp() + t.secs * interval '1 second'
FROM gone AS g, unnest(g.kept_keys || g.key) AS o (key), unnest(ARRAY[0, %(late_secs)s::int]) AS t (secs);

-- name: prepare_uploads
-- The sender's own waiting uploads that a message names, each with the key of the copy that the send is about to keep, noted first.
-- A send that was made already (`is_repeat`) claims nothing. No row of an upload: unknown, somebody else's, or used.
-- Rows are locked in id order, as a send does, so that two sends of the same uploads never deadlock.
WITH named AS (
    SELECT * FROM unnest(%(ids)s::uuid[], %(keys)s::text[], %(kept_keys)s::text[]) AS n (id, key, kept_key)
), held AS MATERIALIZED (
    SELECT u.dialog_id, u.id, n.kept_key
    FROM named AS n JOIN uploads AS u ON u.dialog_id = %(dialog_id)s AND u.id = n.id
    WHERE u.key = n.key AND u.user_id = %(user_id)s AND cardinality(u.kept_keys) < %(max_tries)s
      AND NOT EXISTS (
        SELECT FROM messages AS m
        WHERE m.dialog_id = %(dialog_id)s AND m.sender_id = %(user_id)s AND m.client_message_id = %(client_message_id)s)
    ORDER BY u.id
    FOR UPDATE OF u
), noted AS (
    UPDATE uploads AS u
    SET kept_keys = CASE WHEN h.kept_key = u.key THEN u.kept_keys ELSE u.kept_keys || h.kept_key END
    FROM held AS h WHERE u.dialog_id = h.dialog_id AND u.id = h.id
    RETURNING u.id, u.content_type, u.size
)
SELECT n.id, n.content_type, n.size, false AS is_repeat FROM noted AS n
UNION ALL
SELECT m.id, NULL, NULL, true FROM messages AS m
WHERE m.dialog_id = %(dialog_id)s AND m.sender_id = %(user_id)s AND m.client_message_id = %(client_message_id)s;

-- name: abandon_uploads
-- Uploads that no message has claimed in time; their objects are to go, as late as a send that has just begun may still be making
-- a copy. Rows that a send holds at this moment are left for later.
WITH old AS (
    SELECT u.dialog_id, u.id FROM uploads AS u
    WHERE u.created_at < clock_timestamp() - %(age_secs)s * interval '1 second'
    ORDER BY u.created_at LIMIT %(most)s
    FOR UPDATE SKIP LOCKED
), gone AS (
    DELETE FROM uploads AS u USING old WHERE u.dialog_id = old.dialog_id AND u.id = old.id
    RETURNING u.key, u.kept_keys, u.part_size
)
INSERT INTO storage_deletions (key, in_parts, due_at)
SELECT unnest(kept_keys || key), part_size IS NOT NULL, clock_timestamp() + %(late_secs)s * interval '1 second' FROM gone;

-- name: upload_waits
-- Whether an object is still awaited under this key: a message that has it wants no other.
SELECT EXISTS (SELECT FROM uploads AS u WHERE u.dialog_id = %(dialog_id)s AND u.key = %(key)s);
