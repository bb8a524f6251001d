-- Who is who in an account (ID-1 to ID-5): records, contacts and known pairs become people.

-- Records without a pair, and those that leave theirs, go by their address: the contact that has it after the renames,
-- else the pair of a record that has it; what holds that up holds up whoever shares the address.
INSERT INTO identified BY NAME
WITH settled AS (
    SELECT
        k.*,
        CASE
            WHEN k.is_mover AND NOT coalesce(k.email_key = n.email_key, FALSE) THEN coalesce(s.hold, t.hold)
        END AS move_hold,
        k.is_mover AND NOT coalesce(k.email_key = n.email_key, FALSE)
        AND s.hold IS NULL AND t.hold IS NULL AS leaves
    FROM known AS k
    LEFT JOIN renames AS n ON k.account = n.account AND k.pair_contact = n.contact_id
    LEFT JOIN stopped AS s ON k.account = s.account AND k.pair_contact = s.contact_id
    LEFT JOIN stopped AS t ON k.account = t.account AND k.email_key = t.email_key
),

gone_by AS (
    SELECT
        account, sf_id, record_type, rank, email, email_key, email_hash, modified,
        email_s, email_d, out_s, out_d, wrote_d, is_taken, is_gone,
        coalesce(own_hold, move_hold) AS own_hold,
        CASE WHEN leaves THEN pair_contact END AS former,
        CASE WHEN NOT leaves THEN pair_contact END AS pair_contact
    FROM settled
),

owners AS (
    SELECT account, email_key, min(contact_id) AS contact_id
    FROM contacts_after
    WHERE email_key IS NOT NULL
    GROUP BY account, email_key
),

pair_holds AS (
    SELECT
        account, email_key, pair_contact, sf_id,
        CASE
            WHEN is_gone                     THEN 'deleted in Dotdigital'
            WHEN own_hold = 'converted lead' THEN NULL
            ELSE own_hold
        END AS hold
    FROM gone_by
    WHERE pair_contact IS NOT NULL AND email_key IS NOT NULL
),

peers AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY account, email_key ORDER BY hold IS NOT NULL, pair_contact, sf_id
        ) AS nth
    FROM pair_holds
),

found AS (
    SELECT
        g.*,
        coalesce(g.pair_contact, o.contact_id, p.pair_contact) AS contact_id,
        CASE WHEN g.pair_contact IS NULL AND o.contact_id IS NULL THEN p.hold END AS peer_hold
    FROM gone_by AS g
    LEFT JOIN owners AS o ON g.account = o.account AND g.email_key = o.email_key
    LEFT JOIN peers AS p ON g.account = p.account AND g.email_key = p.email_key AND p.nth = 1
)

SELECT
    f.account, f.sf_id, f.record_type, f.rank, f.email, f.email_key, f.modified,
    f.email_s, f.email_d, f.out_s, f.out_d, f.wrote_d, f.pair_contact, f.former, f.contact_id,
    CASE
        WHEN f.contact_id IS NOT NULL THEN 'c' || f.contact_id
        WHEN f.email_key IS NOT NULL  THEN 'a' || f.email_key
    END AS person,
    f.pair_contact IS NOT NULL AND f.email_s IS NOT NULL AND NOT f.is_taken AS is_pair,
    coalesce(
        f.own_hold, f.peer_hold, s.hold,
        CASE WHEN f.contact_id IS NULL AND l.email_hash IS NOT NULL THEN 'deleted in Dotdigital' END  -- ID-7
    ) AS hold,
    r.sf_id IS NOT NULL OR e.email_key IS NOT NULL AS is_out
FROM found AS f
LEFT JOIN stopped AS s ON f.account = s.account AND f.contact_id = s.contact_id
LEFT JOIN lost_addresses AS l ON f.account = l.account AND f.email_hash = l.email_hash
LEFT JOIN out_records AS r ON f.sf_id = r.sf_id
LEFT JOIN out_emails AS e ON f.email_key = e.email_key;

-- Contacts whose address, or whose record wherever it went, is opted out in Salesforce.
INSERT INTO out_contacts BY NAME
SELECT c.account, c.contact_id
FROM contacts AS c
INNER JOIN out_emails AS e ON c.email_key = e.email_key
UNION
SELECT p.account, p.contact_id
FROM pairs AS p
INNER JOIN out_records AS r ON p.sf_id = r.sf_id
WHERE p.contact_id IS NOT NULL
UNION
SELECT account, contact_id FROM identified WHERE is_out AND contact_id IS NOT NULL;

-- ID-4: a record that goes from one contact to another carries the opt-out of the one it leaves (`carries`), or meets
-- that of the one it goes to (`meets`). An opt-out of either holds for both, so where nobody may be suppressed such a
-- record stays as it is.
INSERT INTO carriers BY NAME
WITH outs AS (
    SELECT c.account, c.contact_id
    FROM contacts AS c
    LEFT JOIN out_addresses AS x ON c.account = x.account AND c.email_key = x.email_key
    WHERE c.is_out OR x.email_key IS NOT NULL
    UNION
    SELECT account, contact_id FROM out_contacts
),

heirs_with AS (
    SELECT l.account, l.sf_id, bool_or(o.contact_id IS NOT NULL) AS inherits
    FROM left_contacts AS l
    LEFT JOIN outs AS o ON l.account = o.account AND l.former = o.contact_id
    GROUP BY l.account, l.sf_id
),

going AS (
    SELECT
        i.account, i.sf_id, i.hold, i.former, i.contact_id,
        b.contact_id IS NOT NULL AS brings,
        m.contact_id IS NOT NULL AS meets_one,
        coalesce(h.inherits, FALSE) AS inherits,
        i.former IS NOT NULL AND i.contact_id IS NOT NULL AND NOT a.opt_out_to_dotdigital
        AND (b.contact_id IS NOT NULL OR m.contact_id IS NOT NULL) AS is_stuck
    FROM identified AS i
    INNER JOIN accounts AS a ON i.account = a.account
    LEFT JOIN heirs_with AS h ON i.account = h.account AND i.sf_id = h.sf_id
    LEFT JOIN outs AS b ON i.account = b.account AND i.former = b.contact_id
    LEFT JOIN outs AS m ON i.account = m.account AND i.contact_id = m.contact_id
    WHERE i.former IS NOT NULL OR h.sf_id IS NOT NULL
)

SELECT
    account, sf_id, former, contact_id,
    CASE WHEN is_stuck THEN 'new address opted out' END AS stuck_hold,
    hold IS NULL AND NOT is_stuck AND (brings OR inherits) AS carries,
    hold IS NULL AND NOT is_stuck AND meets_one AS meets
FROM going;

-- Contacts that are opted out because one that a record left, or went to, is (ID-4).
INSERT INTO carried BY NAME
SELECT account, contact_id FROM carriers WHERE carries AND contact_id IS NOT NULL
UNION
SELECT account, former AS contact_id FROM carriers WHERE meets AND former IS NOT NULL
UNION
SELECT c.account, l.former AS contact_id
FROM carriers AS c
INNER JOIN left_contacts AS l ON c.account = l.account AND c.sf_id = l.sf_id
WHERE c.meets;

-- A row per person: the writer (ID-3), or, when all its records are held up, the one that stands for it. Whoever stays
-- in scope writes, then precedence, then whoever wrote before, then the most recently modified, then the lowest id.
INSERT INTO people BY NAME
WITH ours AS (
    SELECT
        m.*,
        x.email_key IS NOT NULL AS address_out,
        g.sf_id IS NOT NULL AS is_leaving,
        coalesce(m.pair_contact = m.contact_id, FALSE) AS has_written
    FROM matched AS m
    LEFT JOIN out_addresses AS x ON m.account = x.account AND m.email_key = x.email_key
    LEFT JOIN leaving AS g ON m.sf_id = g.sf_id
    WHERE m.person IS NOT NULL
),

whole AS (
    SELECT
        account, person,
        bool_or(hold IS NOT NULL) AS is_frozen,
        bool_or((is_pair OR former IS NOT NULL) AND hold IS NULL) AS is_known,
        bool_or(carries) AS any_carries,
        bool_or(is_out) AS any_out,
        bool_or(address_out) AS any_address_out
    FROM ours
    GROUP BY account, person
),

writers AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY account, person
            ORDER BY
                hold IS NOT NULL, is_leaving ASC, rank ASC, NOT has_written,
                coalesce(CASE WHEN has_written THEN wrote_d END, -1) DESC, coalesce(modified, -1) DESC, sf_id
        ) AS nth
    FROM ours
),

present AS (
    SELECT
        c.account, c.contact_id, c.is_out, c.looked_up,
        n.email, n.email_key,
        o.contact_id IS NOT NULL AS s_out,
        x.email_key IS NOT NULL AS address_out,
        k.contact_id IS NOT NULL AS is_carried
    FROM contacts AS c
    INNER JOIN contacts_after AS n ON c.account = n.account AND c.contact_id = n.contact_id
    LEFT JOIN out_contacts AS o ON c.account = o.account AND c.contact_id = o.contact_id
    LEFT JOIN out_addresses AS x ON c.account = x.account AND c.email_key = x.email_key
    LEFT JOIN carried AS k ON c.account = k.account AND c.contact_id = k.contact_id
),

joined AS (
    SELECT
        w.account, w.person, w.contact_id, w.sf_id, w.record_type, w.hold, w.email, w.email_key,
        w.email_s, w.email_d, w.out_s, w.out_d, w.is_pair, w.former,
        p.email AS contact_email, p.email_key AS contact_key, p.looked_up,
        p.contact_id IS NOT NULL AS has_contact,
        a.is_frozen, a.is_known,
        a.any_carries OR k.contact_id IS NOT NULL AS is_carried,
        a.any_out OR o.contact_id IS NOT NULL AS s_out,
        coalesce(p.is_out, FALSE) AS channel_out,
        coalesce(p.is_out, FALSE) OR a.any_address_out OR coalesce(p.address_out, FALSE)
        OR k.contact_id IS NOT NULL AS d_out
    FROM writers AS w
    INNER JOIN whole AS a ON w.account = a.account AND w.person = a.person
    LEFT JOIN present AS p ON w.account = p.account AND w.contact_id = p.contact_id
    LEFT JOIN out_contacts AS o ON w.account = o.account AND w.contact_id = o.contact_id
    LEFT JOIN carried AS k ON w.account = k.account AND w.contact_id = k.contact_id
    WHERE w.nth = 1
),

hashed AS (
    SELECT
        j.*,
        CASE
            WHEN r.has_refused AND coalesce(j.contact_key, j.email_key) IS NOT NULL
                THEN left(sha256(s.prefix || chr(31) || coalesce(j.contact_key, j.email_key)), 16)
        END AS sent_hash
    FROM joined AS j
    CROSS JOIN settings AS s
    CROSS JOIN recall AS r
),

refused AS (
    SELECT DISTINCT account, email_hash FROM read_remembered WHERE reason = 'refused'
)

SELECT h.*, m.email_hash IS NOT NULL AS is_refused  -- WIRE-1
FROM hashed AS h
LEFT JOIN refused AS m ON h.account = m.account AND h.sent_hash = m.email_hash;

-- The contacts that people had before they went over to another one (ID-4, ID-5).
INSERT INTO behind BY NAME
SELECT account, person, former FROM matched WHERE hold IS NULL AND person IS NOT NULL AND former IS NOT NULL
UNION
SELECT m.account, m.person, l.former
FROM left_contacts AS l
INNER JOIN matched AS m ON l.account = m.account AND l.sf_id = m.sf_id
WHERE m.hold IS NULL AND m.person IS NOT NULL;

-- By which record a contact is called: in scope, or once paired.
INSERT INTO names BY NAME
WITH past AS (
    SELECT
        p.account, p.contact_id, p.sf_id, p.record_type,
        row_number() OVER (PARTITION BY p.account, p.contact_id ORDER BY p.rank, p.sf_id) AS nth
    FROM pairs AS p
    WHERE
        p.contact_id IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM people AS o WHERE o.account = p.account AND o.contact_id = p.contact_id)
        AND NOT EXISTS (
            SELECT 1 FROM matched AS m
            WHERE m.account = p.account AND m.sf_id = p.sf_id AND m.hold IS NULL AND m.former IS NOT NULL
        )
)

SELECT account, contact_id, sf_id, record_type FROM people WHERE contact_id IS NOT NULL
UNION ALL
SELECT account, contact_id, sf_id, record_type FROM past WHERE nth = 1;
