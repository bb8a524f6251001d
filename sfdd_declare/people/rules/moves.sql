-- What the base is to remember without a write (BASE-6), from what was decided (columns: `people.columns.CHANGE`).

INSERT INTO moves BY NAME
SELECT
    'moves' AS operation, account, coalesce(sf_id, 'contact ' || contact_id) AS person, record_type, sf_id, contact_id,
    address_book, campaign, 'list' AS aspect, member_next AS field, decision, rule AS reason,
    CASE WHEN is_wanted THEN 'wanted' END AS expect_s, flags_next AS expect_d
FROM memberships
WHERE moves;

-- ID-4: a contact that its record left is wanted no more, whatever becomes of its removal: the base would not know
-- afterwards whose it was. Recorded before the removal, which then forgets the row.
INSERT INTO moves BY NAME
SELECT
    'moves:early' AS operation, m.account, 'contact ' || m.contact_id AS person, m.record_type, m.sf_id, m.contact_id,
    m.address_book, 'list' AS aspect, 'bystander' AS decision, 'ID-4' AS reason, m.flags_next AS expect_d
FROM memberships AS m
WHERE
    m.decision = 'remove' AND m.was_wanted AND m.sf_id IS NULL
    AND EXISTS (
        SELECT 1 FROM matched AS r WHERE r.account = m.account AND r.former = m.contact_id AND r.hold IS NULL
    );

-- People found by their address become pairs (ID-1, ID-2); so does everybody who goes to another contact.
INSERT INTO moves BY NAME
SELECT
    'moves' AS operation, a.account, a.sf_id AS person, a.record_type, a.sf_id, a.contact_id, 'identity' AS aspect,
    'email' AS field, 'pair' AS decision,
    CASE WHEN a.former IS NOT NULL THEN 'ID-4' WHEN a.looked_up THEN 'ID-2' ELSE 'ID-1' END AS reason,
    left(sha256(s.prefix || coalesce(a.email_key, '')), 16) AS expect_s,
    left(sha256(s.prefix || coalesce(a.contact_key, '')), 16) AS expect_d
FROM active AS a
CROSS JOIN settings AS s
WHERE
    NOT a.is_pair
    AND NOT EXISTS (SELECT 1 FROM renames AS r WHERE r.account = a.account AND r.contact_id = a.contact_id);

-- Addresses that both sides changed to the same one are known; records that go over beside the writer become pairs.
INSERT INTO moves BY NAME
WITH records AS (
    SELECT
        m.account, m.sf_id, m.record_type, m.contact_id, m.former, m.is_pair, m.email_s, m.email_d,
        m.email_key, c.email_key AS contact_key,
        left(sha256(s.prefix || coalesce(m.email_key, '')), 16) AS hash_s,
        left(sha256(s.prefix || coalesce(c.email_key, '')), 16) AS hash_d
    FROM matched AS m
    INNER JOIN contacts_after AS c ON m.account = c.account AND m.contact_id = c.contact_id
    CROSS JOIN settings AS s
    WHERE
        m.hold IS NULL
        AND NOT EXISTS (SELECT 1 FROM renames AS r WHERE r.account = m.account AND r.contact_id = m.contact_id)
),

every AS (
    SELECT r.*, 'pair' AS decision
    FROM records AS r
    WHERE
        r.former IS NOT NULL
        AND NOT EXISTS (
            SELECT 1 FROM active AS a WHERE a.account = r.account AND a.sf_id = r.sf_id AND NOT a.is_pair
        )
    UNION ALL
    SELECT r.*, 'known' AS decision
    FROM records AS r
    WHERE
        r.is_pair AND r.email_key = r.contact_key
        AND (r.email_s <> r.hash_s OR coalesce(r.email_d <> r.hash_s, TRUE))
)

SELECT
    'moves' AS operation, account, sf_id AS person, record_type, sf_id, contact_id, 'identity' AS aspect,
    'email' AS field, decision, 'ID-4' AS reason, hash_s AS expect_s, hash_d AS expect_d
FROM every;

-- CON-10: both sides say the same, and the base does not know it yet; not of people of whom some record is yet to be
-- ticked, by whichever account.
INSERT INTO touched BY NAME
SELECT m.account, m.contact_id
FROM matched AS m
INNER JOIN ticks AS t ON m.sf_id = t.sf_id
WHERE m.contact_id IS NOT NULL
UNION
SELECT p.account, p.contact_id
FROM all_pairs AS p
INNER JOIN ticks AS t ON p.sf_id = t.sf_id
WHERE p.contact_id IS NOT NULL
UNION
SELECT m.account, m.contact_id
FROM ticks AS t
INNER JOIN records_read AS r ON t.email_key = r.email_key
INNER JOIN matched AS m ON r.account = m.account AND r.sf_id = m.sf_id
WHERE m.contact_id IS NOT NULL
UNION
SELECT c.account, c.contact_id
FROM contacts AS c
INNER JOIN ticks AS t ON c.email_key = t.email_key
UNION
SELECT account, contact_id FROM ticks;

INSERT INTO moves BY NAME
SELECT
    'moves' AS operation, a.account, a.sf_id AS person, a.record_type, a.sf_id, a.contact_id, 'consent' AS aspect,
    'opted_out' AS field, 'known' AS decision, 'CON-10' AS reason,
    CASE WHEN a.s_out THEN '1' ELSE '0' END AS expect_s,
    CASE WHEN a.s_out THEN '1' ELSE '0' END AS expect_d
FROM active AS a
WHERE
    a.s_out = a.channel_out
    AND (coalesce(a.out_s, FALSE) <> a.s_out OR coalesce(a.out_d, FALSE) <> a.channel_out)
    AND NOT EXISTS (SELECT 1 FROM touched AS t WHERE t.account = a.account AND t.contact_id = a.contact_id);

-- CON-10 of everybody else: pairs that are not active move like those that are; where there is no pair, an opt-out that
-- both sides know is remembered by its address, until neither side knows it.
INSERT INTO moves BY NAME
WITH resting AS (
    SELECT
        p.account, p.sf_id, p.record_type, p.contact_id,
        coalesce(p.out_s, FALSE) AS was_s, coalesce(p.out_d, FALSE) AS was_d
    FROM pairs AS p
    WHERE
        NOT EXISTS (SELECT 1 FROM active AS a WHERE a.account = p.account AND a.sf_id = p.sf_id)
        AND NOT EXISTS (SELECT 1 FROM heirs AS h WHERE h.account = p.account AND h.sf_id = p.sf_id)
),

agreed AS (
    SELECT o.account, o.contact_id, o.email, o.is_settled
    FROM out_people AS o
    WHERE
        o.s_out
        AND NOT EXISTS (SELECT 1 FROM ticks AS t WHERE t.account = o.account AND t.contact_id = o.contact_id)
),

free AS (
    SELECT
        c.account, c.contact_id, c.email,
        CASE
            WHEN c.email_key IS NOT NULL AND EXISTS (SELECT 1 FROM memories)
                THEN left(sha256(s.prefix || chr(31) || chr(31) || c.email_key), 16)
        END AS memory_hash
    FROM contacts AS c
    CROSS JOIN settings AS s
    WHERE
        NOT c.is_out
        AND NOT EXISTS (
            SELECT 1 FROM out_contacts AS o WHERE o.account = c.account AND o.contact_id = c.contact_id
        )
),

every AS (
    SELECT r.account, r.sf_id, r.record_type, r.contact_id, NULL AS email, '1' AS state
    FROM resting AS r
    INNER JOIN agreed AS a ON r.account = a.account AND r.contact_id = a.contact_id
    WHERE NOT (r.was_s AND r.was_d)
    UNION ALL
    SELECT a.account, NULL AS sf_id, NULL AS record_type, a.contact_id, a.email, '1' AS state
    FROM agreed AS a
    WHERE
        NOT a.is_settled
        AND NOT EXISTS (SELECT 1 FROM pairs AS p WHERE p.account = a.account AND p.contact_id = a.contact_id)
        AND NOT EXISTS (SELECT 1 FROM active AS n WHERE n.account = a.account AND n.contact_id = a.contact_id)
    UNION ALL
    SELECT r.account, r.sf_id, r.record_type, r.contact_id, NULL AS email, '0' AS state
    FROM resting AS r
    INNER JOIN free AS f ON r.account = f.account AND r.contact_id = f.contact_id
    WHERE r.was_s OR r.was_d
    UNION ALL
    SELECT f.account, NULL AS sf_id, NULL AS record_type, f.contact_id, f.email, '0' AS state
    FROM free AS f
    INNER JOIN memories AS m ON f.account = m.account AND f.memory_hash = m.email_hash
)

SELECT
    'moves' AS operation, account, coalesce(sf_id, 'contact ' || contact_id) AS person, record_type, sf_id, contact_id,
    email, 'consent' AS aspect, 'opted_out' AS field, 'known' AS decision, 'CON-10' AS reason,
    state AS expect_s, state AS expect_d
FROM every;

-- In step, a blank kept, held on a first run, or inherited from another writer: only the base moves. The field is the
-- Salesforce field, of which a record type has each but once.
INSERT INTO moves BY NAME
SELECT
    'moves' AS operation, account, sf_id AS person, record_type, sf_id, contact_id, 'value' AS aspect,
    salesforce_field AS field,
    CASE WHEN waits = 'first-sync held' THEN 'held' ELSE 'known' END AS decision,
    rule AS reason, next_s AS expect_s, next_d AS expect_d
FROM valued
WHERE kind = 'pair' AND moves AND NOT is_barred;
