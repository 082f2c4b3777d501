-- name: list_roster
-- Everybody in a dialog as one person may see them: what each keeps for himself is shown to himself alone, contacts and read positions
-- to participants alone. `entry` is a JSON object without its last brace. No row: he is neither in the dialog nor matched, or there is
-- none; one row of nulls: nobody is in.
WITH viewer AS MATERIALIZED (
    SELECT d.id, d.user_no, own.user_id IS NOT NULL AS is_member,
           EXISTS (SELECT FROM deleted_messages AS gone WHERE gone.dialog_id = d.id) AS has_deletions
    FROM dialogs AS d
    LEFT JOIN participants AS own ON own.dialog_id = d.id AND own.user_id = %(user_id)s
    WHERE d.id = %(dialog_id)s
      AND (own.user_id IS NOT NULL OR %(has_scopes)s AND EXISTS (
          SELECT FROM access_scopes AS s
          WHERE s.dialog_id = d.id
            AND (s.scope_level0 = '{}' OR s.scope_level0 && %(level0)s::text[])
            AND (s.scope_level1 = '{}' OR s.scope_level1 && %(level1)s::text[])
            AND (s.scope_level2 = '{}' OR s.scope_level2 && %(level2)s::text[])
      ))
)
SELECT p.user_id, CASE WHEN p.user_id IS NOT NULL THEN concat(
        '{"dialog_id":"', p.dialog_id, '","user_id":', to_json(p.user_id), ',"joined_at":"', wire_time(p.joined_at),
        '","joined_as":"', p.joined_as, '"',
        ',"display_name":', coalesce(to_json(p.display_name), 'null'), ',"company":', coalesce(to_json(p.company), 'null'),
        ',"email":', coalesce(CASE WHEN v.is_member THEN to_json(p.email) END, 'null'),
        ',"phone":', coalesce(CASE WHEN v.is_member THEN to_json(p.phone) END, 'null'),
        ',"last_read_message_id":', coalesce(CASE
            WHEN v.is_member THEN to_json(CASE WHEN v.has_deletions THEN position.id ELSE p.read_message_id END)
        END, 'null'),
        CASE WHEN p.user_id = %(user_id)s THEN concat(
            ',"unread_count":', (SELECT unread_count(d, p) FROM dialogs AS d WHERE d.id = p.dialog_id),
            ',"is_archived":', to_json(p.is_archived), ',"is_pinned":', to_json(p.is_pinned),
            ',"notifications_enabled":', to_json(p.notifications_enabled))
        ELSE ',"unread_count":0,"is_archived":false,"is_pinned":false,"notifications_enabled":true' END
    ) END AS entry
FROM viewer AS v
LEFT JOIN participants AS p ON p.dialog_id = v.id
LEFT JOIN LATERAL (
    -- As visible_read_position(), which is not inlined. Only where something was deleted may a position have no message any more.
    SELECT m.id FROM messages AS m
    WHERE v.has_deletions AND m.dialog_id = v.id AND m.id <= p.read_message_id ORDER BY m.id DESC LIMIT 1
) AS position ON v.is_member
ORDER BY p.joined_at, p.user_id;
