-- The facts about every contact on every linked book: what is so now, and what the base says was so (BASE-2).

-- A list status says nothing about the list while the whole contact is opted out. `is_back`: the list says in so many
-- words that they are on it, which alone ends an opt-out from it (CON-5).
INSERT INTO listed BY NAME
SELECT
    l.account, l.address_book, l.contact_id,
    bool_or(coalesce(c.is_out, FALSE) OR coalesce(l.status NOT IN ('suppressed', 'unsubscribed'), TRUE)) AS is_on,
    bool_or(NOT coalesce(c.is_out, FALSE) AND coalesce(l.status = 'subscribed', FALSE)) AS is_back,
    bool_or(
        NOT coalesce(c.is_out, FALSE) AND coalesce(l.status IN ('suppressed', 'unsubscribed'), FALSE)
    ) AS is_unsubscribed
FROM read_listed AS l
LEFT JOIN contacts AS c ON l.account = c.account AND l.contact_id = c.contact_id
GROUP BY l.account, l.address_book, l.contact_id;

-- Unsubscribed from one book, as told in this run.
INSERT INTO told BY NAME
SELECT account, address_book, contact_id FROM read_list_optouts WHERE contact_id IS NOT NULL
UNION
SELECT t.account, t.address_book, c.contact_id
FROM read_list_optouts AS t
INNER JOIN contacts AS c ON t.account = c.account AND t.email_key = c.email_key;

-- ID-5, ID-6: what became of records of the base that are out of scope, and why they do not count as having left. Who is
-- there has left its campaigns; so has who was deleted, unless that is to change nothing, and who was merged.
INSERT INTO departed BY NAME
WITH fate_of AS (
    SELECT sf_id, min(fate) AS fate FROM fates GROUP BY sf_id
),

alone AS (
    SELECT p.account, p.sf_id, p.contact_id, f.fate, h.sf_id IS NOT NULL AS lives_on, a.on_delete
    FROM pairs AS p
    INNER JOIN accounts AS a ON p.account = a.account
    LEFT JOIN records_read AS r ON p.account = r.account AND p.sf_id = r.sf_id
    LEFT JOIN heirs AS h ON p.account = h.account AND p.sf_id = h.sf_id
    LEFT JOIN fate_of AS f ON p.sf_id = f.sf_id
    WHERE r.sf_id IS NULL OR h.sf_id IS NOT NULL
)

SELECT
    account, sf_id, contact_id,
    CASE
        WHEN lives_on OR fate IN ('there', 'merged')  THEN NULL
        WHEN fate = 'deleted' AND on_delete = 'leave' THEN 'deleted'
        WHEN fate = 'deleted'                         THEN NULL
        ELSE                                               'not visible any more'
    END AS gone
FROM alone;

-- Wanted, on the book, unsubscribed from it, or in the base.
INSERT INTO places BY NAME
SELECT w.account, w.address_book, p.contact_id
FROM first_wants AS w
INNER JOIN people AS p ON w.account = p.account AND w.person = p.person
WHERE w.skip IS NULL AND p.has_contact
UNION
SELECT account, address_book, contact_id FROM listed
UNION
SELECT account, address_book, contact_id FROM told
UNION
SELECT account, address_book, contact_id FROM read_memberships;

INSERT INTO asked_places BY NAME
SELECT DISTINCT p.account, p.address_book, c.email_key
FROM places AS p
INNER JOIN contacts AS c ON p.account = c.account AND p.contact_id = c.contact_id
WHERE c.email_key IS NOT NULL AND (SELECT r.has_lists FROM recall AS r);

-- What wants somebody that did not when they left. Who was only about to become a member then gets an id later: until it
-- is known, no id is a new one.
INSERT INTO released BY NAME
WITH left_before AS (
    SELECT
        m.account, m.address_book, m.contact_id,
        ';' || coalesce(m.member, '') || ';' AS knew
    FROM read_memberships AS m
    WHERE m.has_left AND NOT contains(';' || coalesce(m.member, '') || ';', ';;')
)

SELECT
    b.account, b.address_book, b.contact_id,
    CASE WHEN NOT bool_or(w.member_id <> '') THEN string_agg(DISTINCT w.sf_id, ';' ORDER BY w.sf_id) END AS rests_on
FROM left_before AS b
INNER JOIN people AS p ON b.account = p.account AND b.contact_id = p.contact_id
INNER JOIN wants AS w
    ON
        p.account = w.account AND p.person = w.person AND b.address_book = w.address_book
        AND w.passes AND NOT w.leaves AND w.skip IS NULL
WHERE NOT contains(b.knew, ';' || w.member_id || ';')
GROUP BY b.account, b.address_book, b.contact_id;

-- Members whom a filter of a link turns down (MEM-11).
INSERT INTO turned_down BY NAME
SELECT DISTINCT w.account, w.address_book, p.contact_id
FROM wants AS w
INNER JOIN people AS p ON w.account = p.account AND w.person = p.person
WHERE NOT w.passes AND NOT w.leaves AND p.contact_id IS NOT NULL;

-- NEW-1: members of a campaign that is linked to the book, whatever the links' filters and the record type.
INSERT INTO members_there BY NAME
WITH joins AS (
    SELECT campaign, sf_id FROM members
    UNION
    SELECT campaign, sf_id FROM selected
),

linked AS (
    SELECT DISTINCT account, campaign, address_book FROM links
)

SELECT l.account, l.address_book, c.contact_id
FROM joins AS j
INNER JOIN linked AS l ON j.campaign = l.campaign
INNER JOIN found AS f ON j.sf_id = f.sf_id
INNER JOIN contacts AS c ON l.account = c.account AND f.email_key = c.email_key
UNION
SELECT l.account, l.address_book, m.contact_id
FROM joins AS j
INNER JOIN linked AS l ON j.campaign = l.campaign
INNER JOIN matched AS m ON l.account = m.account AND j.sf_id = m.sf_id
WHERE m.contact_id IS NOT NULL;
