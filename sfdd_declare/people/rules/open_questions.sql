-- What the first read leaves open: whom to look up in the whole account, what became of records that left, where joins
-- are due. Asked between reading and deciding. in: what sides, ticked and optouts make of what was read.

-- Records without a pair, or with another address than their pair had (ID-4).
INSERT INTO unmatched BY NAME
SELECT r.account, r.sf_id, r.email_key, r.email_hash
FROM records_read AS r
LEFT JOIN all_pairs AS p ON r.account = p.account AND r.sf_id = p.sf_id
WHERE
    (p.sf_id IS NULL OR coalesce(r.email_hash <> p.email_s, FALSE))
    AND r.email_key IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM heirs AS h WHERE h.account = r.account AND h.sf_id = r.sf_id);

-- ID-2, ID-4 and CON-7: addresses of records that go by their address, and of opted-out records, that no page has shown.
-- Only whom the account has just named as opted out needs no look-up: an older memory may not be true any more.
INSERT INTO asked_emails BY NAME
WITH told AS (
    SELECT t.account, t.email_key
    FROM read_suppressed AS t
    INNER JOIN opt_out_reasons AS r ON t.account = r.account AND t.reason = r.reason
    WHERE t.email_key IS NOT NULL
),

asked AS (
    SELECT account, email_key FROM unmatched
    UNION
    SELECT a.account, t.email_key
    FROM accounts AS a
    CROSS JOIN ticked AS t
    WHERE
        t.email_key IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM told AS o WHERE o.account = a.account AND o.email_key = t.email_key)
)

SELECT q.account, q.email_key
FROM asked AS q
WHERE NOT EXISTS (SELECT 1 FROM contacts AS c WHERE c.account = q.account AND c.email_key = q.email_key);

-- ID-5, ID-6: records of the base that are in nobody's sight now, if their contact was wanted on a book or is that of
-- another record as well, or if somebody goes by an address that was theirs.
INSERT INTO asked_fates BY NAME
WITH present AS (
    SELECT r.account, r.sf_id
    FROM records_read AS r
    WHERE NOT EXISTS (SELECT 1 FROM heirs AS h WHERE h.account = r.account AND h.sf_id = r.sf_id)
),

gone AS (
    SELECT p.account, p.record_type, p.sf_id, p.contact_id, p.email_s, p.email_d
    FROM pairs AS p
    WHERE
        NOT EXISTS (SELECT 1 FROM present AS r WHERE r.account = p.account AND r.sf_id = p.sf_id)
        AND NOT EXISTS (SELECT 1 FROM heirs AS h WHERE h.account = p.account AND h.sf_id = p.sf_id)
),

concerned AS (
    SELECT account, contact_id FROM read_memberships WHERE wanted
    UNION
    SELECT p.account, p.contact_id
    FROM pairs AS p
    INNER JOIN present AS r ON p.account = r.account AND p.sf_id = r.sf_id
    UNION
    SELECT c.account, c.contact_id
    FROM contacts AS c
    INNER JOIN unmatched AS u ON c.account = u.account AND c.email_key = u.email_key
)

SELECT g.account, g.record_type, g.sf_id
FROM gone AS g
INNER JOIN concerned AS c ON g.account = c.account AND g.contact_id = c.contact_id
UNION
SELECT g.account, g.record_type, g.sf_id
FROM gone AS g
INNER JOIN unmatched AS u ON g.account = u.account AND g.email_s = u.email_hash
UNION
SELECT g.account, g.record_type, g.sf_id
FROM gone AS g
INNER JOIN unmatched AS u ON g.account = u.account AND g.email_d = u.email_hash;

-- Everybody in the base who is said to have opted out, now or earlier, unless the base has settled that: a page may not
-- show them any more (CON-4).
INSERT INTO said_out BY NAME
WITH told AS (
    SELECT
        t.account, t.email_key, t.contact_id,
        left(sha256(s.prefix || t.email_key), 16) AS email_hash,
        left(sha256(s.prefix || chr(31) || chr(31) || t.email_key), 16) AS memory_hash
    FROM read_suppressed AS t
    INNER JOIN opt_out_reasons AS r ON t.account = r.account AND t.reason = r.reason
    CROSS JOIN settings AS s
),

unsettled AS (
    SELECT t.*
    FROM told AS t
    WHERE
        NOT EXISTS (
            SELECT 1 FROM memories AS m
            WHERE m.account = t.account AND m.email_hash = t.memory_hash AND m.memory = 'settled'
        )
),

addressed AS (
    SELECT account, email_hash FROM unsettled WHERE email_key IS NOT NULL
    UNION
    SELECT m.account, m.email_hash
    FROM read_remembered AS m
    INNER JOIN opt_out_reasons AS r ON m.account = r.account AND m.reason = r.reason
),

settled_pairs AS (
    SELECT account, contact_id FROM pairs WHERE coalesce(out_s AND out_d, FALSE)
),

open_pairs AS (
    SELECT account, contact_id, email_s, email_d FROM pairs WHERE NOT coalesce(out_s AND out_d, FALSE)
)

SELECT m.account, m.contact_id
FROM read_memberships AS m
INNER JOIN unsettled AS t ON m.account = t.account AND m.contact_id = t.contact_id
WHERE NOT EXISTS (SELECT 1 FROM settled_pairs AS p WHERE p.account = m.account AND p.contact_id = m.contact_id)
UNION
SELECT p.account, p.contact_id
FROM open_pairs AS p
INNER JOIN unsettled AS t ON p.account = t.account AND p.contact_id = t.contact_id
UNION
SELECT p.account, p.contact_id
FROM open_pairs AS p
INNER JOIN addressed AS h ON p.account = h.account AND p.email_s = h.email_hash
UNION
SELECT p.account, p.contact_id
FROM open_pairs AS p
INNER JOIN addressed AS h ON p.account = h.account AND p.email_d = h.email_hash;

-- Contacts of pairs that no page has shown; a look-up by id says whether they still are. Of records in scope, of their
-- former selves and of records that left (ID-5), of opted-out records wherever they are (CON-7), of whoever once had an
-- address that is looked up: it may be that of a contact that is gone (ID-7).
INSERT INTO asked_ids BY NAME
WITH unseen AS (
    SELECT q.account, left(sha256(s.prefix || q.email_key), 16) AS email_hash
    FROM asked_emails AS q
    CROSS JOIN settings AS s
),

asked AS (
    SELECT p.account, p.contact_id
    FROM pairs AS p
    INNER JOIN records_read AS r ON p.account = r.account AND p.sf_id = r.sf_id
    UNION
    SELECT account, contact_id FROM taken
    UNION
    SELECT p.account, p.contact_id
    FROM pairs AS p
    INNER JOIN heirs AS h ON p.account = h.account AND p.sf_id = h.sf_id
    UNION
    SELECT p.account, p.contact_id
    FROM pairs AS p
    INNER JOIN asked_fates AS f ON p.account = f.account AND p.sf_id = f.sf_id
    UNION
    SELECT p.account, p.contact_id
    FROM pairs AS p
    INNER JOIN ticked AS t ON p.sf_id = t.sf_id
    UNION
    SELECT p.account, p.contact_id
    FROM pairs AS p
    INNER JOIN unseen AS u ON p.account = u.account AND p.email_s = u.email_hash
    UNION
    SELECT p.account, p.contact_id
    FROM pairs AS p
    INNER JOIN unseen AS u ON p.account = u.account AND p.email_d = u.email_hash
    UNION
    SELECT account, contact_id FROM said_out
)

SELECT q.account, q.contact_id
FROM asked AS q
WHERE
    q.contact_id IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM contacts AS c WHERE c.account = q.account AND c.contact_id = q.contact_id);

-- MEM-12: books that want somebody who is not on them.
INSERT INTO asked_books BY NAME
WITH linked AS (
    SELECT DISTINCT l.account, l.campaign, l.address_book
    FROM links AS l
    INNER JOIN books AS b ON l.account = b.account AND l.address_book = b.address_book AND b.is_there
),

joins AS (
    SELECT campaign, sf_id FROM members
    UNION
    SELECT campaign, sf_id FROM selected
),

present AS (
    SELECT DISTINCT l.account, l.address_book, c.email_key
    FROM read_listed AS l
    INNER JOIN contacts AS c ON l.account = c.account AND l.contact_id = c.contact_id
    WHERE c.email_key IS NOT NULL
)

SELECT DISTINCT l.account, l.address_book
FROM joins AS j
INNER JOIN linked AS l ON j.campaign = l.campaign
INNER JOIN records_read AS r ON l.account = r.account AND j.sf_id = r.sf_id
WHERE
    r.email_key IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM heirs AS h WHERE h.account = r.account AND h.sf_id = r.sf_id)
    AND NOT EXISTS (
        SELECT 1 FROM present AS p
        WHERE p.account = l.account AND p.address_book = l.address_book AND p.email_key = r.email_key
    );

-- NEW-2: people on a book who may be new, by what is known before anything is decided.
INSERT INTO asked_newcomers BY NAME
SELECT DISTINCT c.email
FROM read_listed AS l
INNER JOIN books_asked AS b
    ON l.account = b.account AND l.address_book = b.address_book AND b.takes_newcomers AND b.is_complete
INNER JOIN contacts AS c ON l.account = c.account AND l.contact_id = c.contact_id
WHERE
    c.email_key IS NOT NULL
    AND c.channel IN ('subscribed', 'softbounced', 'nosubscription')
    AND NOT EXISTS (
        SELECT 1 FROM read_memberships AS m
        WHERE m.account = l.account AND m.address_book = l.address_book AND m.contact_id = l.contact_id
    )
    AND NOT EXISTS (SELECT 1 FROM pairs AS p WHERE p.account = l.account AND p.contact_id = l.contact_id);
