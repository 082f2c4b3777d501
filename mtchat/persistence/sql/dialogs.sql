-- name: create_dialog
-- A dialog, its people, its scopes and the system message that opens it, all in one statement whatever their number. Everybody is
-- positioned at that message. One event is logged, the message: who was there from the start is no change.
-- With a key nothing happens, and no row comes back, when the key is taken; a racing call with the same key waits for this one.
-- Keys older than two days go along the way, a few per call, never the one being used and never one that somebody holds.
WITH fresh AS MATERIALIZED (
    SELECT uuid7_at(now.at) AS id, now.at, uuid7_at(now.at + interval '1 microsecond') AS message_id,
           now.at + interval '1 microsecond' AS sent_at, cardinality(%(user_ids)s::text[]) AS people
    FROM (SELECT clock_timestamp() AS at) AS now
), claimed AS (
    INSERT INTO idempotency_keys (key, dialog_id, created_at)
    SELECT %(idempotency_key)s::text, f.id, f.at FROM fresh AS f WHERE %(idempotency_key)s::text IS NOT NULL
    ON CONFLICT (key) DO NOTHING
    RETURNING dialog_id
), pruned AS (
    DELETE FROM idempotency_keys WHERE key = ANY (ARRAY(
        SELECT old.key FROM idempotency_keys AS old
        WHERE %(idempotency_key)s::text IS NOT NULL AND old.key <> %(idempotency_key)s::text
          AND old.created_at < clock_timestamp() - interval '2 days'
        ORDER BY old.created_at LIMIT 20
        FOR UPDATE SKIP LOCKED
    ))
), made AS (
    INSERT INTO dialogs (
        id, object_id, object_type, title, object_url, created_by, created_at, meta,
        last_seq, participants_count, clock_at, last_message_id, last_message_at
    )
    SELECT f.id, %(object_id)s, %(object_type)s, %(title)s, %(object_url)s, (%(user_ids)s::text[])[1], f.at, %(meta)s::jsonb,
           CASE WHEN f.people > 0 THEN 1 ELSE 0 END, f.people, CASE WHEN f.people > 0 THEN f.sent_at ELSE f.at END,
           CASE WHEN f.people > 0 THEN f.message_id END, CASE WHEN f.people > 0 THEN f.sent_at END
    FROM fresh AS f
    WHERE %(idempotency_key)s::text IS NULL OR EXISTS (SELECT FROM claimed)
    RETURNING *
), person AS (
    INSERT INTO participants (dialog_id, user_id, joined_at, display_name, company, email, phone, read_message_id)
    SELECT d.id, given.user_id, d.created_at, given.display_name, given.company, given.email, given.phone, d.last_message_id
    FROM made AS d, unnest(
        %(user_ids)s::text[], %(display_names)s::text[], %(companies)s::text[], %(emails)s::text[], %(phones)s::text[]
    ) AS given (user_id, display_name, company, email, phone)
), scope AS (
    INSERT INTO access_scopes (dialog_id, id, position, scope_level0, scope_level1, scope_level2, created_at)
    SELECT d.id, uuid7_at(d.created_at + given.position * interval '1 microsecond'), given.position,
           ARRAY(SELECT jsonb_array_elements_text(given.scope -> 'scope_level0')),
           ARRAY(SELECT jsonb_array_elements_text(given.scope -> 'scope_level1')),
           ARRAY(SELECT jsonb_array_elements_text(given.scope -> 'scope_level2')),
           d.created_at
    FROM made AS d, jsonb_array_elements(%(access_scopes)s::jsonb) WITH ORDINALITY AS given (scope, position)
), opened AS (
    INSERT INTO messages (dialog_id, id, seq, user_no, message_type, content, sent_at)
    SELECT d.id, d.last_message_id, 1, 0, 'system', %(opening)s, d.last_message_at FROM made AS d WHERE d.last_seq > 0
), logged AS (
    INSERT INTO dialog_events (dialog_id, seq, type, message_id, created_at)
    SELECT d.id, 1, 'message.new', d.last_message_id, d.last_message_at FROM made AS d WHERE d.last_seq > 0
)
SELECT d.last_seq, d.id, d.object_id, d.object_type, d.title, d.object_url, d.created_by, wire_time(d.created_at) AS created_at,
       d.meta::json AS meta
FROM made AS d;

-- name: find_dialog_by_key
-- What an Idempotency-Key has made; nulls in place of a dialog that is gone. No row: the key is free.
SELECT k.dialog_id, d.id, d.object_id, d.object_type, d.title, d.object_url, d.created_by, wire_time(d.created_at) AS created_at,
       d.meta::json AS meta
FROM idempotency_keys AS k LEFT JOIN dialogs AS d ON d.id = k.dialog_id
WHERE k.key = %(idempotency_key)s;

-- name: release_idempotency_key
-- Frees the key of a dialog that is gone, unless somebody has used it again meanwhile.
DELETE FROM idempotency_keys WHERE key = %(idempotency_key)s AND dialog_id = %(dialog_id)s;

-- name: find_dialog
-- The newest dialog of an object whose scopes are the given ones, compared as true sets: each level sorted without repetition,
-- then the scopes themselves. Walks the object's dialogs newest first and stops at the first that fits.
WITH wanted AS MATERIALIZED (
    SELECT coalesce(jsonb_agg(DISTINCT jsonb_build_array(
        (SELECT coalesce(jsonb_agg(DISTINCT v), '[]') FROM jsonb_array_elements(given.scope -> 'scope_level0') AS v),
        (SELECT coalesce(jsonb_agg(DISTINCT v), '[]') FROM jsonb_array_elements(given.scope -> 'scope_level1') AS v),
        (SELECT coalesce(jsonb_agg(DISTINCT v), '[]') FROM jsonb_array_elements(given.scope -> 'scope_level2') AS v)
    )), '[]') AS scopes
    FROM jsonb_array_elements(%(access_scopes)s::jsonb) AS given (scope)
)
SELECT d.id, d.object_id, d.object_type, d.title, d.object_url, d.created_by, wire_time(d.created_at) AS created_at,
       d.meta::json AS meta
FROM dialogs AS d
WHERE d.object_type = %(object_type)s AND d.object_id = %(object_id)s
  AND (SELECT scopes FROM wanted) = (
    SELECT coalesce(jsonb_agg(DISTINCT jsonb_build_array(
        (SELECT coalesce(jsonb_agg(DISTINCT to_jsonb(v)), '[]') FROM unnest(s.scope_level0) AS v),
        (SELECT coalesce(jsonb_agg(DISTINCT to_jsonb(v)), '[]') FROM unnest(s.scope_level1) AS v),
        (SELECT coalesce(jsonb_agg(DISTINCT to_jsonb(v)), '[]') FROM unnest(s.scope_level2) AS v)
    )), '[]')
    FROM access_scopes AS s WHERE s.dialog_id = d.id
  )
ORDER BY d.created_at DESC, d.id DESC
LIMIT 1;

-- name: find_dialog_details
-- A dialog with the true state of everybody in it and with its scopes, the lists as JSON ready for the wire.
SELECT d.id, d.object_id, d.object_type, d.title, d.object_url, d.created_by, wire_time(d.created_at) AS created_at,
       d.meta::json AS meta,
       (SELECT coalesce(json_agg(person), '[]') FROM (
            SELECT p.dialog_id, p.user_id, wire_time(p.joined_at) AS joined_at, p.joined_as, p.notifications_enabled,
                   visible_read_position(p) AS last_read_message_id, unread_count(d, p) AS unread_count,
                   p.display_name, p.company, p.email, p.phone, p.is_archived, p.is_pinned
            FROM participants AS p WHERE p.dialog_id = d.id
            ORDER BY p.joined_at, p.user_id
        ) AS person) AS participants,
       (SELECT coalesce(json_agg(scope), '[]') FROM (
            SELECT s.id, s.dialog_id, s.scope_level0, s.scope_level1, s.scope_level2, wire_time(s.created_at) AS created_at
            FROM access_scopes AS s WHERE s.dialog_id = d.id
            ORDER BY s.created_at, s.id
        ) AS scope) AS access_scopes
FROM dialogs AS d
WHERE d.id = %(dialog_id)s;

-- name: dialog_exists
SELECT EXISTS (SELECT FROM dialogs AS d WHERE d.id = %(dialog_id)s);

-- name: empty_dialog
-- After lock_dialog. Nobody is in the dialog any more and nobody can join it; returns who was. Locks the people in key order
-- before deleting them, as everybody who locks several does.
WITH member AS MATERIALIZED (
    SELECT p.dialog_id, p.user_id FROM participants AS p WHERE p.dialog_id = %(dialog_id)s
    ORDER BY p.dialog_id, p.user_id
    FOR UPDATE
), removed AS (
    DELETE FROM participants AS p USING member AS m WHERE p.dialog_id = m.dialog_id AND p.user_id = m.user_id
), closed AS (
    DELETE FROM access_scopes WHERE dialog_id = %(dialog_id)s
)
SELECT coalesce(array_agg(m.user_id ORDER BY m.user_id), '{}') AS user_ids FROM member AS m;

-- name: delete_small_dialog
-- After lock_dialog and empty_dialog. Its messages and their history go with it, unless they are more than `most`.
DELETE FROM dialogs AS d
WHERE d.id = %(dialog_id)s
  AND NOT EXISTS (SELECT FROM messages AS m WHERE m.dialog_id = %(dialog_id)s OFFSET %(most)s);

-- name: delete_some_messages
-- A bounded piece of an emptied dialog.
DELETE FROM messages AS m
WHERE m.dialog_id = %(dialog_id)s
  AND m.id = ANY (ARRAY(SELECT o.id FROM messages AS o WHERE o.dialog_id = %(dialog_id)s ORDER BY o.id LIMIT %(most)s));
