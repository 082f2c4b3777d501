-- name: replace_access_scopes
-- After lock_dialog, so that the second of two calls deletes what the first has written. New ids, growing in the given order;
-- returns the scopes as JSON in that order.
WITH deleted AS (
    DELETE FROM access_scopes WHERE dialog_id = %(dialog_id)s
), given AS MATERIALIZED (
    SELECT uuid7_at(now.at + one.position * interval '1 microsecond') AS id, one.position, now.at,
           ARRAY(SELECT jsonb_array_elements_text(one.scope -> 'scope_level0')) AS scope_level0,
           ARRAY(SELECT jsonb_array_elements_text(one.scope -> 'scope_level1')) AS scope_level1,
           ARRAY(SELECT jsonb_array_elements_text(one.scope -> 'scope_level2')) AS scope_level2
    FROM (SELECT clock_timestamp() AS at) AS now,
         jsonb_array_elements(%(access_scopes)s::jsonb) WITH ORDINALITY AS one (scope, position)
), stored AS (
    INSERT INTO access_scopes (dialog_id, id, position, scope_level0, scope_level1, scope_level2, created_at)
    SELECT %(dialog_id)s, g.id, g.position, g.scope_level0, g.scope_level1, g.scope_level2, g.at FROM given AS g
)
SELECT coalesce(json_agg(scope), '[]') AS access_scopes FROM (
    SELECT g.id, %(dialog_id)s::uuid AS dialog_id, g.scope_level0, g.scope_level1, g.scope_level2, wire_time(g.at) AS created_at
    FROM given AS g ORDER BY g.position
) AS scope;
