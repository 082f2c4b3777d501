-- name: mark_read
-- A batch of read marks in one statement. Positions only grow, so the order of arrival does not matter and no dialog is
-- locked; participant rows are locked in key order, as by send_messages. `moved` is true for the mark that moved a position.
WITH input AS (
    SELECT * FROM unnest(%(dialog_ids)s::uuid[], %(user_ids)s::text[], %(message_ids)s::uuid[])
        WITH ORDINALITY AS given (dialog_id, user_id, message_id, position)
), target AS MATERIALIZED (
    SELECT i.position, i.dialog_id, i.user_id, m.id, m.user_no
    FROM input AS i JOIN messages AS m ON m.dialog_id = i.dialog_id AND m.id = i.message_id
), furthest AS (
    SELECT DISTINCT ON (dialog_id, user_id) position, dialog_id, user_id, id, user_no
    FROM target ORDER BY dialog_id, user_id, id DESC, position
), reader AS MATERIALIZED (
    SELECT p.dialog_id, p.user_id
    FROM furthest AS f JOIN participants AS p ON p.dialog_id = f.dialog_id AND p.user_id = f.user_id
    WHERE p.read_message_id IS NULL OR p.read_message_id < f.id
    ORDER BY p.dialog_id, p.user_id
    FOR NO KEY UPDATE OF p
), moved AS (
    UPDATE participants AS p
    SET read_message_id = f.id,
        read_no = greatest(p.read_no, f.user_no),
        may_have_own_unread = p.may_have_own_unread AND f.user_no < d.user_no
    FROM reader AS r, furthest AS f, dialogs AS d
    WHERE p.dialog_id = r.dialog_id AND p.user_id = r.user_id
      AND f.dialog_id = r.dialog_id AND f.user_id = r.user_id
      AND d.id = r.dialog_id
      AND (p.read_message_id IS NULL OR p.read_message_id < f.id)
    RETURNING f.position
)
SELECT (d.id IS NOT NULL) AS dialog_exists,
       (p.user_id IS NOT NULL) AS is_member,
       (t.id IS NOT NULL) AS message_exists,
       (m.position IS NOT NULL) AS moved,
       d.participants_count
FROM input AS i
LEFT JOIN dialogs AS d ON d.id = i.dialog_id
LEFT JOIN participants AS p ON p.dialog_id = i.dialog_id AND p.user_id = i.user_id
LEFT JOIN target AS t ON t.position = i.position
LEFT JOIN moved AS m ON m.position = i.position
ORDER BY i.position;
