-- Who has opted out in Dotdigital, held against the base and against what is remembered of their address (CON-8, CON-9).
-- The base of a pair says whether both sides knew of an opt-out. Where no pair speaks (the person is no member, or
-- another record of theirs was ticked), the address itself is remembered, by keyed hash
-- (memories.sql).

-- Pairs, and of heirs every contact that a former self of theirs had (ID-5).
INSERT INTO bonds BY NAME
SELECT account, sf_id, contact_id FROM all_pairs
UNION
SELECT account, sf_id, former AS contact_id FROM left_contacts;

INSERT INTO out_people BY NAME
WITH outs AS (
    SELECT
        c.account, c.contact_id, c.email, c.email_key,
        left(sha256(s.prefix || chr(31) || chr(31) || c.email_key), 16) AS memory_hash
    FROM contacts AS c
    CROSS JOIN settings AS s
    WHERE c.is_out AND c.email_key IS NOT NULL
),

-- CON scope: on a linked book, in the base, or the address of a record that was read.
in_scope AS (
    SELECT o.*
    FROM outs AS o
    WHERE
        EXISTS (SELECT 1 FROM read_listed AS l WHERE l.account = o.account AND l.contact_id = o.contact_id)
        OR EXISTS (SELECT 1 FROM read_memberships AS m WHERE m.account = o.account AND m.contact_id = o.contact_id)
        OR EXISTS (SELECT 1 FROM bonds AS b WHERE b.account = o.account AND b.contact_id = o.contact_id)
        OR EXISTS (SELECT 1 FROM records_read AS r WHERE r.account = o.account AND r.email_key = o.email_key)
),

-- An address is out in Salesforce where any record that has it is ticked, as it was read or as it is known in the org.
ticked_emails AS (
    SELECT a.account, t.email_key FROM accounts AS a CROSS JOIN ticked AS t WHERE t.email_key IS NOT NULL
    UNION
    SELECT r.account, r.email_key
    FROM records_read AS r
    WHERE r.email_key IS NOT NULL AND EXISTS (SELECT 1 FROM ticked AS t WHERE t.sf_id = r.sf_id)
),

-- Contacts of which a record that has their address, or one that is their pair, is ticked.
out_here AS (
    SELECT o.account, o.contact_id
    FROM in_scope AS o
    INNER JOIN ticked_emails AS e ON o.account = e.account AND o.email_key = e.email_key
    UNION
    SELECT b.account, b.contact_id
    FROM bonds AS b
    INNER JOIN in_scope AS o ON b.account = o.account AND b.contact_id = o.contact_id
    INNER JOIN ticked AS t ON b.sf_id = t.sf_id
    UNION
    SELECT b.account, b.contact_id
    FROM bonds AS b
    INNER JOIN in_scope AS o ON b.account = o.account AND b.contact_id = o.contact_id
    INNER JOIN records_read AS r ON b.account = r.account AND b.sf_id = r.sf_id
    INNER JOIN ticked_emails AS e ON r.account = e.account AND r.email_key = e.email_key
),

based AS (
    SELECT
        p.account, p.contact_id,
        bool_or(coalesce(p.out_s, FALSE)) AS pair_s,
        bool_or(coalesce(p.out_d, FALSE)) AS pair_d
    FROM pairs AS p
    INNER JOIN in_scope AS o ON p.account = o.account AND p.contact_id = o.contact_id
    GROUP BY p.account, p.contact_id
),

known AS (
    SELECT
        o.account, o.contact_id, o.email, o.email_key,
        h.contact_id IS NOT NULL AS s_out,
        coalesce(b.pair_s, FALSE) OR m.memory IS NOT NULL AS was_s,
        coalesce(b.pair_d, FALSE) OR coalesce(m.memory = 'settled', FALSE) AS was_d
    FROM in_scope AS o
    LEFT JOIN out_here AS h ON o.account = h.account AND o.contact_id = h.contact_id
    LEFT JOIN based AS b ON o.account = b.account AND o.contact_id = b.contact_id
    LEFT JOIN memories AS m ON o.account = m.account AND o.memory_hash = m.email_hash
)

SELECT
    account, contact_id, email, email_key, s_out,
    CASE WHEN s_out THEN was_s AND NOT was_d ELSE NOT was_s END AS is_due,  -- to be ticked, first or again (CON-8)
    NOT s_out AND was_s AS is_reconsented,                                  -- out in Salesforce once (CON-9)
    was_s AND was_d AS is_settled
FROM known;
