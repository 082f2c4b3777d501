-- name: list_dialog_items
-- Dialogs as one person sees them, as the wire has them: JSON objects joined by commas, null when there are none. One query for every
-- list and single look-up, so that a dialog has one form. In three steps: candidate ids by an index (`kind`), their order, and JSON
-- for the few that are shown. The order is made from narrow rows first; who may see a row, and whether it is searched for, is then
-- asked row by row only until the page is full. `asked` is materialized so that the plan does not depend on the values.
-- kind: participating, available, object (object_type, object_id) or one (dialog_id). `judge_own` hides own dialogs whose scopes do not
-- match. `by_id` leaves people and times out for those who only match a scope. `newest` orders by creation alone.
WITH asked AS MATERIALIZED (
    SELECT %(user_id)s::text AS user_id, %(kind)s::text AS kind, %(dialog_id)s::uuid AS dialog_id,
           %(object_type)s::text AS object_type, %(object_id)s::text AS object_id,
           %(own)s::boolean AS own, %(others)s::boolean AS others, %(judge_own)s::boolean AS judge_own, %(archived)s::boolean[] AS archived,
           %(level0)s::text[] AS level0, %(level1)s::text[] AS level1, %(level2)s::text[] AS level2,
           %(pattern)s::text AS pattern, %(newest)s::boolean AS newest, %(by_id)s::boolean AS by_id
), candidates AS MATERIALIZED (
    SELECT CASE kind
        WHEN 'participating' THEN ARRAY(
            SELECT p.dialog_id FROM participants AS p
            WHERE p.user_id = (SELECT user_id FROM asked) AND p.is_archived = ANY ((SELECT archived FROM asked)::boolean[]))
        WHEN 'available' THEN ARRAY(
            SELECT s.dialog_id FROM access_scopes AS s
            WHERE (s.scope_level0 && (SELECT level0 FROM asked) OR s.scope_level0 <@ '{}')
              AND (s.scope_level1 && (SELECT level1 FROM asked) OR s.scope_level1 = '{}')
              AND (s.scope_level2 && (SELECT level2 FROM asked) OR s.scope_level2 = '{}'))
        WHEN 'object' THEN ARRAY(
            SELECT d.id FROM dialogs AS d
            WHERE d.object_type = (SELECT object_type FROM asked) AND d.object_id = (SELECT object_id FROM asked))
        ELSE ARRAY[dialog_id] END AS ids,
        -- Three index columns are bound, so this reads only the pinned ones.
        ARRAY(SELECT p.dialog_id FROM participants AS p
              WHERE p.user_id = (SELECT user_id FROM asked) AND p.is_archived = ANY ('{f,t}') AND p.is_pinned) AS pinned
    FROM asked
), sorted AS (
    -- Pinned ones come first by counting as active in the far future: with one key, 1,000 dialogs are in order in 0.85 ms, with two in 1.1.
    SELECT d.id,
           CASE WHEN asked.newest THEN d.created_at
                WHEN d.id = ANY (c.pinned) THEN coalesce(d.last_message_at, d.created_at) + interval '10000 years'
                ELSE coalesce(d.last_message_at, d.created_at) END AS place
    FROM asked, candidates AS c, dialogs AS d
    WHERE d.id = ANY (c.ids)
    ORDER BY place DESC, d.id DESC
    -- Nothing is left out of one's own dialogs afterwards, unless they are searched or judged: only the page has to be in order.
    -- The sum is taken of numerics, because both may be the largest bigint.
    LIMIT (SELECT CASE WHEN asked.kind = 'participating' AND asked.own AND NOT asked.judge_own AND asked.pattern IS NULL
                       THEN least(%(limit)s::numeric + %(offset)s::numeric, 9223372036854775807)::bigint END FROM asked)
), picked AS (
    -- Takes his whole row along: with columns of an index alone the planner may read all his entries of it for each dialog.
    SELECT sorted.id, sorted.place, p.user_id, p.read_no, p.may_have_own_unread, p.is_archived, p.is_pinned, p.notifications_enabled
    FROM asked
    CROSS JOIN sorted
    LEFT JOIN participants AS p ON p.dialog_id = sorted.id AND p.user_id = asked.user_id
    WHERE CASE WHEN p.user_id IS NULL
        THEN asked.others AND (
            SELECT bool_or((s.scope_level0 = '{}' OR s.scope_level0 && asked.level0)
                       AND (s.scope_level1 = '{}' OR s.scope_level1 && asked.level1)
                       AND (s.scope_level2 = '{}' OR s.scope_level2 && asked.level2))
            FROM access_scopes AS s WHERE s.dialog_id = sorted.id)
        ELSE asked.own AND p.is_archived = ANY (asked.archived) AND (NOT asked.judge_own OR (
            SELECT bool_or((s.scope_level0 = '{}' OR s.scope_level0 && asked.level0)
                       AND (s.scope_level1 = '{}' OR s.scope_level1 && asked.level1)
                       AND (s.scope_level2 = '{}' OR s.scope_level2 && asked.level2))
            FROM access_scopes AS s WHERE s.dialog_id = sorted.id) IS NOT FALSE)
        END
      AND (asked.pattern IS NULL
           OR (SELECT d.title ILIKE asked.pattern FROM dialogs AS d WHERE d.id = sorted.id)
           OR EXISTS (SELECT FROM participants AS o WHERE o.dialog_id = sorted.id AND o.company ILIKE asked.pattern))
    ORDER BY sorted.place DESC, sorted.id DESC
    LIMIT %(limit)s OFFSET %(offset)s
), item AS (
    -- concat() skips nulls, so a field that is left out when absent is a null text. json_build_object cannot, and takes a sixth longer.
    SELECT p.place, p.id, concat(
        '{"id":"', d.id, '","object_id":', to_json(d.object_id), ',"object_type":', to_json(d.object_type),
        ',"title":', coalesce(to_json(d.title), 'null'), ',"object_url":', coalesce(to_json(d.object_url), 'null'),
        ',"created_by":', coalesce(to_json(d.created_by), 'null'), ',"created_at":"', wire_time(d.created_at), '"',
        ',"meta":' || d.meta::text,
        CASE WHEN p.user_id IS NOT NULL THEN concat(
            ',"i_am_participant":true,"can_join":false,"unread_count":',
            -- As unread_count(), spelt out: a function with a sub-query is not inlined and costs 6 µs a row.
            CASE WHEN d.user_no <= p.read_no THEN 0 ELSE
                d.user_no - p.read_no
                - (SELECT count(*) FROM deleted_messages AS gone WHERE gone.dialog_id = d.id AND gone.user_no > p.read_no)
                - CASE WHEN p.may_have_own_unread THEN
                    (SELECT count(*) FROM messages AS own
                     WHERE own.dialog_id = d.id AND own.sender_id = p.user_id AND own.user_no > p.read_no)
                  ELSE 0 END
            END,
            CASE WHEN p.is_archived THEN ',"is_archived":true' ELSE ',"is_archived":false' END,
            CASE WHEN p.is_pinned THEN ',"is_pinned":true' ELSE ',"is_pinned":false' END,
            CASE WHEN p.notifications_enabled THEN ',"notifications_enabled":true' ELSE ',"notifications_enabled":false' END,
            ',"seq":', d.last_seq, ',"last_message":' || newest.message)
        ELSE ',"i_am_participant":false,"can_join":true' END,
        CASE WHEN p.user_id IS NOT NULL OR NOT asked.by_id THEN concat(
            ',"participants_count":', d.participants_count,
            ',"last_message_at":"' || wire_time(d.last_message_at) || '"',
            ',"participants":[' || people.people || ']')
        END,
        '}') AS json
    FROM asked
    CROSS JOIN picked AS p
    JOIN dialogs AS d ON d.id = p.id
    LEFT JOIN LATERAL (
        SELECT concat('{"id":"', m.id, '","content":', to_json(m.content), ',"sender_id":' || to_json(m.sender_id)::text,
                      ',"sender_name":' || to_json(sender.display_name)::text, ',"sent_at":"', wire_time(m.sent_at),
                      '","message_type":"', m.message_type, '"}') AS message
        FROM messages AS m
        LEFT JOIN participants AS sender ON sender.dialog_id = m.dialog_id AND sender.user_id = m.sender_id
        WHERE m.dialog_id = d.id AND m.id = d.last_message_id
    ) AS newest ON p.user_id IS NOT NULL
    LEFT JOIN LATERAL (
        SELECT string_agg(concat('{"user_id":', to_json(o.user_id), ',"display_name":' || to_json(o.display_name)::text,
                                 ',"company":' || to_json(o.company)::text, '}'), ',' ORDER BY o.joined_at, o.user_id) AS people
        FROM participants AS o WHERE o.dialog_id = d.id
    ) AS people ON p.user_id IS NOT NULL OR NOT asked.by_id
)
SELECT string_agg(item.json, ',' ORDER BY item.place DESC, item.id DESC) AS items FROM item;
