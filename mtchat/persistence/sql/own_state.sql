-- name: set_own_state
-- What one participant keeps for himself; a null leaves a flag as it is. Locks his row alone: this is no history of the dialog.
-- No row: he is not in the dialog, or there is none.
WITH own AS MATERIALIZED (
    SELECT p.dialog_id, p.user_id, p.is_archived, p.is_pinned, p.notifications_enabled,
           coalesce(%(is_archived)s::boolean, p.is_archived) AS archive,
           coalesce(%(is_pinned)s::boolean, p.is_pinned) AS pin,
           coalesce(%(notifications_enabled)s::boolean, p.notifications_enabled) AS notify
    FROM participants AS p
    WHERE p.dialog_id = %(dialog_id)s AND p.user_id = %(user_id)s
    FOR NO KEY UPDATE
), changed AS (
    UPDATE participants AS p
    SET is_archived = own.archive, is_pinned = own.pin, notifications_enabled = own.notify,
        unarchived_at = CASE WHEN own.is_archived AND NOT own.archive THEN clock_timestamp() ELSE p.unarchived_at END
    FROM own
    WHERE p.dialog_id = own.dialog_id AND p.user_id = own.user_id
      AND (own.is_archived, own.is_pinned, own.notifications_enabled) <> (own.archive, own.pin, own.notify)
    RETURNING p.user_id
)
SELECT EXISTS (SELECT FROM changed) AS changed, own.pin AS is_pinned, own.notify AS notifications_enabled FROM own;
