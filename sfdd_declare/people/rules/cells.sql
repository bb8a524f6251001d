-- Both sides and the base of people, one row per person and mapped field, with what would be written to either side.
-- in: record_values, contact_values, base_values of whoever was asked for.

INSERT INTO raw_cells BY NAME
-- The base of the record that wrote a contact last, by the fields that are compared with the same data field.
WITH estates AS (
    SELECT DISTINCT
        b.account, b.contact_id, b.record_type, b.sf_id, coalesce(b.wrote_d, -1) AS wrote
    FROM base_values AS b
    INNER JOIN inheriting AS i ON b.account = i.account AND b.contact_id = i.contact_id
),

last_estate AS (
    SELECT
        *, row_number() OVER (PARTITION BY account, contact_id ORDER BY wrote DESC, sf_id ASC) AS nth
    FROM estates
),

twins AS (
    SELECT f.account, f.record_type, f.field, o.record_type AS other_type, min(o.field) AS other_field
    FROM fields AS f
    INNER JOIN fields AS o ON f.account = o.account AND f.slot = o.slot
    GROUP BY f.account, f.record_type, f.field, o.record_type
),

inherited AS (
    SELECT e.account, e.contact_id, t.record_type, t.field, b.b_s, b.b_d
    FROM last_estate AS e
    INNER JOIN twins AS t ON e.account = t.account AND e.record_type = t.other_type
    INNER JOIN base_values AS b
        ON e.account = b.account AND e.record_type = b.record_type AND e.sf_id = b.sf_id AND t.other_field = b.field
    WHERE e.nth = 1
),

strangers AS (  -- not a former self (ID-5)
    SELECT i.account, i.contact_id
    FROM inheriting AS i
    WHERE NOT EXISTS (SELECT 1 FROM taken AS t WHERE t.account = i.account AND t.contact_id = i.contact_id)
),

-- The base of a record that leaves its contact (ID-4) says nothing about the present one.
asking AS (
    SELECT *, CASE WHEN former IS NULL THEN sf_id END AS own_base FROM candidates
)

SELECT
    'pair' AS kind, p.account, p.sf_id, p.record_type, p.contact_id, p.is_refused, f.field,
    r.c AS c_s, r.r AS r_s, v.c AS c_d, v.r AS r_d,
    b.b_s, b.b_d, b.mark, i.b_s AS i_s, i.b_d AS i_d,
    u.user_id IS NOT NULL AS by_us,
    -- nobody has read this side since our last write to it
    CASE WHEN a.seen IS NULL THEN b.wrote_s IS NOT NULL ELSE coalesce(b.wrote_s >= a.seen, FALSE) END AS fresh_s,
    CASE WHEN a.seen IS NULL THEN b.wrote_d IS NOT NULL ELSE coalesce(b.wrote_d >= a.seen, FALSE) END AS fresh_d,
    s.contact_id IS NOT NULL AS is_new_writer
FROM asking AS p
INNER JOIN accounts AS a ON p.account = a.account
INNER JOIN fields AS f ON p.account = f.account AND p.record_type = f.record_type
LEFT JOIN record_values AS r ON p.account = r.account AND p.sf_id = r.sf_id AND f.field = r.field
LEFT JOIN salesforce_users AS u ON r.modified_by = u.user_id
LEFT JOIN contact_values AS v ON p.account = v.account AND p.contact_id = v.contact_id AND f.slot = v.slot
LEFT JOIN base_values AS b
    ON p.account = b.account AND p.record_type = b.record_type AND p.own_base = b.sf_id AND f.field = b.field
LEFT JOIN inherited AS i
    ON
        p.account = i.account AND p.contact_id = i.contact_id AND p.record_type = i.record_type
        AND f.field = i.field
LEFT JOIN strangers AS s ON p.account = s.account AND p.contact_id = s.contact_id;

-- VAL-20: what a new contact takes.
INSERT INTO raw_cells BY NAME
SELECT
    'created' AS kind, p.account, p.sf_id, p.record_type, FALSE AS is_refused, f.field, r.c AS c_s, r.r AS r_s
FROM created AS p
INNER JOIN fields AS f ON p.account = f.account AND p.record_type = f.record_type
INNER JOIN record_values AS r ON p.account = r.account AND p.sf_id = r.sf_id AND f.field = r.field
WHERE r.c IS NOT NULL;

-- NEW-3: what a new lead takes; a data field that is made anew holds nothing.
INSERT INTO raw_cells BY NAME
SELECT
    'lead' AS kind, p.account, f.record_type, p.contact_id, FALSE AS is_refused, f.field, v.c AS c_d, v.r AS r_d
FROM (SELECT DISTINCT account, contact_id FROM newcomers WHERE skip IS NULL AND found_id IS NULL) AS p
INNER JOIN fields AS f
    ON
        p.account = f.account AND f.record_type = 'lead' AND f.direction <> 'salesforce_to_dotdigital'
        AND NOT f.renewed
LEFT JOIN contact_values AS v ON p.account = v.account AND p.contact_id = v.contact_id AND f.slot = v.slot;

-- VAL-26: fields that lost three values or more at once, side by side: blank now, or at the field's default.
INSERT INTO lost_values BY NAME
WITH sides AS (
    SELECT
        c.account, c.record_type, c.field, 's' AS side, c.b_s AS known, c.c_s AS present,
        CAST(NULL AS VARCHAR) AS preset
    FROM cells AS c
    WHERE c.kind = 'pair'
    UNION ALL
    SELECT c.account, c.record_type, c.field, 'd' AS side, c.b_d AS known, c.c_d AS present, f.data_field_default AS preset
    FROM cells AS c
    INNER JOIN fields AS f ON c.account = f.account AND c.record_type = f.record_type AND c.field = f.field
    WHERE c.kind = 'pair'
),

counted AS (
    SELECT
        d.account, d.record_type, d.field, d.side,
        count(*) FILTER (WHERE d.present IS NULL) AS blank,
        count(*) FILTER (WHERE d.present = d.preset) AS at_default
    FROM sides AS d
    CROSS JOIN settings AS s
    WHERE d.known IS NOT NULL AND d.known <> s.blank_hash AND d.known <> 'ffffffffffffffff'
    GROUP BY d.account, d.record_type, d.field, d.side
)

SELECT account, record_type, field, side, greatest(blank, at_default) AS lost
FROM counted
WHERE greatest(blank, at_default) >= 3;
