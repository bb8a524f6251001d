-- What a new lead would be written with (NEW-3): values towards Salesforce, then `leads.defaults`; who lacks one waits
-- (NEW-4). A value that Salesforce could not hold counts as missing where it is required, and is left out and named
-- elsewhere. in: valued, newcomers.

INSERT INTO lead_values BY NAME
WITH fresh AS (
    SELECT DISTINCT account, contact_id, email FROM newcomers WHERE skip IS NULL AND found_id IS NULL
),

mapped AS (
    SELECT
        v.account, v.contact_id, v.salesforce_field AS name, v.v_s, v.next_d, v.problem,
        r.name IS NOT NULL AS is_required,
        d.value AS preset
    FROM valued AS v
    LEFT JOIN lead_required AS r ON v.salesforce_field = r.name
    LEFT JOIN lead_defaults AS d ON v.salesforce_field = d.name
    WHERE v.kind = 'lead'
),

-- Names that no mapping fills: for these there is a default, or nothing ever.
unmapped AS (
    SELECT f.account, f.contact_id, d.name, d.value
    FROM fresh AS f
    CROSS JOIN lead_defaults AS d
    WHERE NOT EXISTS (
        SELECT 1 FROM fields AS m
        WHERE
            m.account = f.account AND m.record_type = 'lead' AND m.salesforce_field = d.name
            AND m.direction <> 'salesforce_to_dotdigital' AND NOT m.renewed
    )
)

SELECT account, contact_id, name, v_s AS value, next_d AS hash, FALSE AS is_default, problem
FROM mapped
WHERE v_s IS NOT NULL AND NOT (problem IS NOT NULL AND is_required)
UNION ALL
SELECT account, contact_id, name, preset AS value, NULL AS hash, TRUE AS is_default, NULL AS problem
FROM mapped
WHERE v_s IS NULL AND preset IS NOT NULL
UNION ALL
SELECT account, contact_id, name, value, NULL AS hash, TRUE AS is_default, NULL AS problem
FROM unmapped;

-- Everything that is missing, in the order of its names.
INSERT INTO pending BY NAME
WITH fresh AS (
    SELECT DISTINCT account, contact_id, email FROM newcomers WHERE skip IS NULL AND found_id IS NULL
),

lacks AS (
    SELECT v.account, v.contact_id, 'no ' || v.salesforce_field AS part
    FROM valued AS v
    INNER JOIN lead_required AS r ON v.salesforce_field = r.name
    LEFT JOIN lead_defaults AS d ON v.salesforce_field = d.name
    WHERE v.kind = 'lead' AND v.v_s IS NULL AND d.value IS NULL
    UNION ALL
    SELECT v.account, v.contact_id, v.salesforce_field || ' ' || v.problem AS part
    FROM valued AS v
    INNER JOIN lead_required AS r ON v.salesforce_field = r.name
    WHERE v.kind = 'lead' AND v.problem IS NOT NULL
    UNION ALL
    SELECT f.account, f.contact_id, 'no ' || r.name AS part
    FROM fresh AS f
    CROSS JOIN lead_required AS r
    WHERE
        NOT EXISTS (SELECT 1 FROM lead_defaults AS d WHERE d.name = r.name)
        AND NOT EXISTS (
            SELECT 1 FROM fields AS m
            WHERE
                m.account = f.account AND m.record_type = 'lead' AND m.salesforce_field = r.name
                AND m.direction <> 'salesforce_to_dotdigital' AND NOT m.renewed
        )
    UNION ALL
    -- the longest address that Salesforce takes of a lead
    SELECT account, contact_id, 'email_too_long' AS part FROM fresh WHERE length(email) > 80
    UNION ALL
    SELECT account, contact_id, 'invalid_email' AS part
    FROM fresh
    WHERE NOT regexp_matches(
        regexp_replace(
            email, '^[\x09-\x0d\x1c-\x1f\x{85}\pZ]+|[\x09-\x0d\x1c-\x1f\x{85}\pZ]+$', '', 'g'
        ),
        '^[^@\s,;<>()"\\]+@[^@\s,;<>()"\\.]+(\.[^@\s,;<>()"\\.]+)+$'
    )
)

SELECT account, contact_id, string_agg(DISTINCT part, ', ' ORDER BY part) AS why
FROM lacks
GROUP BY account, contact_id;
