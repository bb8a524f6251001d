-- Fields that lost their values at once (VAL-26): no edit of everybody, but a field that was emptied or made anew. A side
-- of a field is renewed when nine in ten of its values, and at least three, are blank or hold the field's default now,
-- or when its type is another one. in: filled_values (of the base) where something was lost.

INSERT INTO renewed BY NAME
WITH retyped AS (
    SELECT account, record_type, field, 's' AS side FROM fields WHERE contains(retyped, 's')
    UNION ALL
    SELECT account, record_type, field, 'd' AS side FROM fields WHERE contains(retyped, 'd')
),

emptied AS (
    SELECT l.account, l.record_type, l.field, l.side
    FROM lost_values AS l
    LEFT JOIN filled_values AS n
        ON l.account = n.account AND l.record_type = n.record_type AND l.field = n.field AND l.side = n.side
    LEFT JOIN filled_before AS k
        ON l.account = k.account AND l.record_type = k.record_type AND l.field = k.field AND l.side = k.side
    WHERE l.lost * 10 >= greatest(coalesce(n.filled, 0), coalesce(k.filled, 0)) * 9
),

every AS (
    SELECT * FROM retyped
    UNION
    SELECT * FROM emptied
)

SELECT e.*
FROM every AS e
CROSS JOIN settings AS s
WHERE NOT s.allows_blanked;
