-- name: try_archive_lock
-- One runner among all processes; the connection holds it.
SELECT pg_try_advisory_lock(%(lock)s);

-- name: release_archive_lock
SELECT pg_advisory_unlock(%(lock)s);

-- name: archive_idle_dialogs
-- One slice of the dialogs in which somebody is not archived, in id order: where nothing has happened since the cutoff, everybody is
-- archived for whom nothing has happened either. Pins protect. Locks dialog rows in id order, leaving busy ones alone, then people in
-- key order. The slice ends after so many people, with the whole of the last one's dialog. `last`: where the next one begins; null: it
-- was the last.
WITH candidate AS MATERIALIZED (
    SELECT DISTINCT o.dialog_id FROM (
        SELECT p.dialog_id FROM participants AS p
        WHERE NOT p.is_archived AND NOT p.is_pinned AND p.dialog_id > %(after)s::uuid
        ORDER BY p.dialog_id LIMIT %(limit)s
    ) AS o
), dialog AS MATERIALIZED (
    SELECT d.id FROM candidate AS c JOIN dialogs AS d ON d.id = c.dialog_id
    WHERE greatest(d.created_at, d.last_message_at) < now() - %(after_secs)s * interval '1 second'
    ORDER BY d.id
    FOR NO KEY UPDATE OF d SKIP LOCKED
), person AS MATERIALIZED (
    SELECT p.dialog_id, p.user_id FROM dialog AS d JOIN participants AS p ON p.dialog_id = d.id
    WHERE NOT p.is_archived AND NOT p.is_pinned
      AND greatest(p.joined_at, p.unarchived_at) < now() - %(after_secs)s * interval '1 second'
    ORDER BY p.dialog_id, p.user_id
    FOR NO KEY UPDATE OF p
), archived AS (
    UPDATE participants AS p SET is_archived = true FROM person AS o WHERE p.dialog_id = o.dialog_id AND p.user_id = o.user_id
    RETURNING p.dialog_id, p.user_id
)
SELECT (SELECT c.dialog_id FROM candidate AS c ORDER BY c.dialog_id DESC LIMIT 1) AS last,
       coalesce(array_agg(a.dialog_id::text), '{}') AS dialog_ids, coalesce(array_agg(a.user_id), '{}') AS user_ids
FROM archived AS a;
